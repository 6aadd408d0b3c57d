// SPDX-License-Identifier: Apache-2.0
// The texts of the reason codes, by the label `reason`: codes.jsonnet is what `mqtt-reason-exporter list codes --format json` prints.
local codes = import 'codes.jsonnet';
local g = import 'grafana.libsonnet';

local of(protocol) = [c for c in codes if c.protocol == protocol];
// One name covers all versions. MQTT 5's words are shown; every name of 3.1.1 is one of its names, too.
local byReason(field) =
  local five = { [c.reason]: c[field] for c in of('5.0') };
  assert [c for c in codes if !std.objectHas(five, c.reason)] == [] : 'a reason that MQTT 5 does not have';
  five;

// The reasons of ends that MQTT has no code for, in the words of exporter/mqtt/close_reason.cc (a test compares).
local ofEnds = {
  connect_timeout: 'The client opened a connection but sent no CONNECT in time.',
  connection_closed: 'The connection was closed without a DISCONNECT.',
  network_error: 'The network broke the connection: it was reset, unreachable or timed out.',
  session_expired: 'The broker discarded the session of a client that did not reconnect in time.',
  tls_error: 'TLS failed because of the certificate, version or cipher.',
};

{
  meaning: g.texts(byReason('meaning') + ofEnds),
  firstStep: g.texts(byReason('first_step')),
  classes: g.colours({ 'error': 'red', informational: 'blue', success: 'green' }),
}
