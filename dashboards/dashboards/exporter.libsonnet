// SPDX-License-Identifier: Apache-2.0
local g = import 'lib/grafana.libsonnet';
local q = import 'lib/queries.libsonnet';

local source = 'broker, source';
local name = '{{broker}} {{source}}';
// A counter a second for each source, and one more label where it has one.
local counter(title, description, metric, label=null, unit='cps') = g.timeseries(
  title,
  description,
  unit,
  [g.query(
    q.perSecond(q.of(metric), source + (if label == null then '' else ', ' + label)),
    name + (if label == null then '' else ' {{%s}}' % label)
  )]
);
local gauge(title, description, metric, unit) = g.timeseries(
  title, description, unit, [g.query('max by (%s) (%s)' % [source, q.of(metric)], name)]
);
local state(title, description, metric, good='yes', bad='no') = g.states(
  title, description, g.query('min by (%s) (%s)' % [source, q.of(metric)], name), good, bad
);
// What seldom happens: a minute, and only where it did; so the last value is of long ago. Or several counters of a kind.
local aMinute(title, description, metric, label=null) = g.timeseries(
  title,
  description,
  g.perMinute,
  [g.query(
    q.occurred(q.perMinute(q.of(metric), source + (if label == null then '' else ', ' + label))),
    name + (if label == null then '' else ' {{%s}}' % label)
  )]
) + g.onlyMax;
local aMinuteOfEach(title, description, rows) = g.timeseries(
  title,
  description,
  g.perMinute,
  [g.query(q.occurred(q.perMinute(q.of(row[0]), source)), name + ' ' + row[1]) for row in rows]
) + g.onlyMax;
// Panels about one kind of source are also empty where no source is of that kind.
local ifNone(text) = { fieldConfig+: { defaults+: { noValue: text } } };
local onlyWith(what, lines) = [line { panels: [panel + ifNone('none seen, or no ' + what) for panel in line.panels] } for line in lines];
local noWebConfig = 'no --web.config.file';
local noEventsFile = 'no events.file';
local age(metric) = 'time() - (max by (%s) (%s) > 0)' % [source, q.of(metric)];
local perProcess(title, description, unit, expr, none='no exporter is scraped') = g.timeseries(
  title, description, unit, [g.query(expr, '{{instance}}')], none=none
);

function(mixin)
  g.dashboard(
    'mqtt-reason-exporter',
    'MQTT reason codes / Exporter health',
    'Is everything read? Is anything lost?',
    q.variables,
    [
      g.section('Sources', [
        g.line(8, [
          state('Can be read', "The log is open, the broker has granted the subscriptions, or the capture runs. If not, the exporter's page and log say why.", 'mqtt_reason_source_up', 'up', 'down'),
          g.table(
            'Exporters',
            'Version and compiler of each exporter.',
            'none',
            [g.rows('max by (instance, version, revision, compiler) (%s)' % q.ofExporter('mqtt_reason_exporter_build_info'))],
            [g.column('instance', 'Exporter'), g.column('version', 'Version', width=100), g.column('revision', 'Revision', width=130), g.column('compiler', 'Compiler', width=130)]
          ),
        ]),
        g.line(6, [
          g.table(
            'Versions of the brokers',
            'The version that the broker names in its records. Checked "false": the profile was not tested with this version, and records may be missed.',
            'none',
            [g.rows('max by (broker, source, version, checked) (%s)' % q.ofExporter('mqtt_reason_broker_info'))],
            [g.column('broker', 'Broker'), g.column('source', 'Source'), g.column('version', 'Version', width=130), g.column('checked', 'Checked', width=100)],
            none='no record names a version'
          ),
          g.table(
            'Profiles that nearly fit',
            'Messages of this profile were found, but its lines begin in an unknown format. Configure the profile, or report the format.',
            'none',
            [g.rows('max by (broker, source, profile) (%s) > 0' % q.ofExporter('mqtt_reason_profile_near_miss'))],
            [g.column('broker', 'Broker'), g.column('source', 'Source'), g.column('profile', 'Profile')],
            none='none now'
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'Since the last record',
            'Time since any record was read, with a reason code or without. If it grows for a broker that usually writes all the time, check where the broker writes.',
            's',
            [g.query(age('mqtt_reason_source_last_record_timestamp_seconds'), name)],
            none='no record was read'
          ),
          g.timeseries(
            'Since the last event',
            'Time since a record with a reason code was read. If it is much longer than the time since the last record, the log level or the version of the broker may have changed.',
            's',
            [g.query(age('mqtt_reason_source_last_event_timestamp_seconds'), name)],
            none='no record with a reason code was read'
          ),
          counter('Records, by outcome', 'If "unrecognised" rises after an upgrade of the broker, its profile no longer fits.', 'mqtt_reason_source_records_total', 'outcome'),
        ]),
        g.line(9, [
          aMinute('Records that could not be understood, by cause', 'Records with outcome malformed or unrecognised.', 'mqtt_reason_source_record_errors_total', 'cause'),
          aMinute('Records lost before they were read, by cause', 'Reason codes in these records are not counted.', 'mqtt_reason_source_records_dropped_total', 'cause'),
          counter('Bytes read', 'Bytes of the records, without line ends.', 'mqtt_reason_source_record_bytes_total', unit='Bps'),
        ]),
        g.line(9, [
          aMinute('Failures to open or to connect', 'The exporter retries by itself.', 'mqtt_reason_source_failures_total'),
          aMinuteOfEach('Limits reached', 'At the limit of series, further codes are counted as "other". At the limit of remembered clients, later events of forgotten clients have protocol="unknown".', [
            ['mqtt_reason_series_limit_hits_total', 'codes counted as other'],
            ['mqtt_reason_clients_forgotten_total', 'clients forgotten'],
          ]),
          gauge('Clients remembered', 'Clients whose protocol version is remembered.', 'mqtt_reason_clients_remembered', 'short'),
        ]),
      ]),
      g.section('Do the sources agree?', [
        g.line(10, [
          g.timeseries(
            'What counts',
            'Events by packet, direction and reason, of the source that is the authority.',
            g.perMinute,
            [g.query(q.occurred(q.perMinute(q.codes(), 'packet, direction, reason')), '{{packet}} {{direction}} {{reason}}')]
          ) + g.byName,
        ]),
        g.line(10, [
          g.timeseries(
            'What the other sources saw of it',
            'The same events in the other sources, for comparison only. They are not part of any other dashboard. What both sources of a broker can see should be similar here and in the panel above. A broker with one source has nothing to compare.',
            g.perMinute,
            [g.query(q.occurred(q.perMinute(q.of('mqtt_reason_shadow_codes_total'), 'packet, direction, reason')), '{{packet}} {{direction}} {{reason}}')],
            none='none seen, or no broker has two sources that show the same'
          ) + g.byName,
        ]),
      ], folded=true),
      g.section('Logs', onlyWith('log is read', [
        g.line(8, [
          gauge('Written but not read yet', 'If it grows all the time, the exporter is too slow.', 'mqtt_reason_log_lag_bytes', 'bytes'),
          aMinuteOfEach('Lost or damaged', 'Bytes that were lost, NUL bytes that were skipped, and reads that failed.', [
            ['mqtt_reason_log_lost_bytes_total', 'bytes lost'],
            ['mqtt_reason_log_nul_bytes_skipped_total', 'NULs skipped'],
            ['mqtt_reason_log_read_errors_total', 'reads failed'],
          ]),
          aMinute('Rotations, by kind', 'Rotation by "truncate" can lose bytes; rotation by "rename" loses none.', 'mqtt_reason_log_rotations_total', 'kind'),
        ]),
        g.line(8, [
          gauge('Files open', 'The log, and rotated files that may still be written to.', 'mqtt_reason_log_files_open', 'short'),
          aMinuteOfEach('Files not followed, events of inotify dropped', 'Files that a pattern matches beyond max_files. Events that the queue of the kernel dropped cost time but no data.', [
            ['mqtt_reason_log_files_ignored_total', 'files ignored'],
            ['mqtt_reason_log_watch_overflows_total', 'overflows'],
          ]),
          state('Uses inotify', '"no": the exporter polls the files every 250 ms.', 'mqtt_reason_log_watching'),
        ]),
      ]), folded=true),
      g.section('Subscriptions (MQTT)', onlyWith('subscription', [
        g.line(8, [
          aMinuteOfEach('Connects and subscriptions', 'A connect without a subscription after it: the ACL refuses the subscription.', [
            ['mqtt_reason_source_connects_total', 'connected'],
            ['mqtt_reason_source_resubscribes_total', 'subscribed'],
          ]),
          aMinuteOfEach('Sessions lost, messages sent again', 'When a session is lost, messages before it may be missing. Messages that the broker sends again are counted once, except the first after a restart.', [
            ['mqtt_reason_source_sessions_lost_total', 'sessions lost'],
            ['mqtt_reason_source_redelivered_total', 'sent again'],
          ]),
          aMinute('Retained messages', 'Retained messages are a state and not an event: they are not counted.', 'mqtt_reason_source_retained_skipped_total'),
          g.states(
            'Silent',
            'No message has arrived since the subscription: usually the ACL denies reading.',
            g.query('1 - max by (%s) (%s)' % [source, q.of('mqtt_reason_source_silent')], name),
            'speaks',
            'silent'
          ),
        ]),
      ]), folded=true),
      g.section('Capture', onlyWith('capture', [
        g.line(8, [
          counter('Frames', 'Frames that were read.', 'mqtt_reason_capture_frames_total', unit='pps'),
          aMinute('Frames dropped, by whom', 'Frames that the exporter never saw. For "kernel", a larger buffer_bytes helps.', 'mqtt_reason_capture_frames_dropped_total', 'by'),
          gauge('Connections followed', 'Connections that are followed now.', 'mqtt_reason_capture_connections', 'short'),
        ]),
        g.line(8, [
          aMinute('Connections, by kind', '"tls" cannot be read: capture behind the proxy that terminates TLS, or add the log.', 'mqtt_reason_capture_connections_total', 'kind'),
          aMinute('Connections not seen whole, by cause', 'joined: open before the capture began. evicted: more than max_connections. expired: silent for idle_timeout.', 'mqtt_reason_capture_connections_lost_total', 'cause'),
          aMinute('Bytes that were not seen', 'Bytes that may have contained reason codes.', 'mqtt_reason_capture_missing_bytes_total'),
        ]),
        g.line(8, [
          aMinuteOfEach('Read with gaps', 'How often a connection could not be read further, or only from a later packet on.', [
            ['mqtt_reason_capture_directions_given_up_total', 'given up'],
            ['mqtt_reason_capture_resynchronisations_total', 'read on at a later packet'],
            ['mqtt_reason_capture_frames_unreadable_total', 'frames unreadable'],
          ]),
          aMinuteOfEach('Not counted as a reason', 'Packets and ends whose meaning is not known.', [
            ['mqtt_reason_capture_ambiguous_packets_total', 'version not known'],
            ['mqtt_reason_capture_malformed_packets_total', 'malformed'],
            ['mqtt_reason_capture_ends_unknown_total', 'ends unknown'],
            ['mqtt_reason_capture_events_unproven_total', 'one side heard only'],
          ]),
        ]),
      ]), folded=true),
      g.section('Checkpoints', [
        g.line(8, [
          state('On disk', '"yes": what is served survives a restart. "no": it is in memory only.', 'mqtt_reason_checkpoint_durable'),
          g.states(
            'Served',
            '"withheld": the counters come from an older checkpoint, and the log is still being read up to its end.',
            g.query('1 - max by (%s) (%s)' % [source, q.of('mqtt_reason_checkpoint_withheld')], name),
            'served',
            'withheld'
          ),
          g.timeseries(
            'Since the last write',
            'It grows while nothing is counted, because there is nothing to write.',
            's',
            [g.query(age('mqtt_reason_checkpoint_last_write_timestamp_seconds'), name)],
            none='nothing was written'
          ),
        ]),
        g.line(8, [
          counter('Written', 'Checkpoints are written before a scrape is answered, and each second while something is counted.', 'mqtt_reason_checkpoint_writes_total'),
          aMinute('Failed', "The disk is full or read-only, or the directory belongs to another user. The exporter's log has the error.", 'mqtt_reason_checkpoint_write_failures_total'),
          aMinute('Rejected at the start, by cause', 'The exporter did not use the checkpoint, and its counters started at 0.', 'mqtt_reason_checkpoint_rejected_total', 'cause'),
        ]),
      ], folded=true),
      g.section('Process', [
        g.line(8, [
          perProcess('CPU', 'CPU time, as a share of one core.', 'percentunit', 'rate(%s[$__rate_interval])' % q.ofExporter('process_cpu_seconds_total')),
          perProcess('Memory', 'Resident memory.', 'bytes', q.ofExporter('process_resident_memory_bytes')),
          perProcess('Address space', 'Virtual memory. Most of it is never used.', 'bytes', q.ofExporter('process_virtual_memory_bytes')),
        ]),
        g.line(8, [
          perProcess(
            'File descriptors',
            'Open file descriptors and their limit.',
            'percentunit',
            '%s / %s' % [q.ofExporter('process_open_fds'), q.ofExporter('process_max_fds')]
          ),
          perProcess('Up since', 'Time since the exporter started.', 's', 'time() - ' + q.ofExporter('process_start_time_seconds')),
        ]),
        g.line(6, [
          g.states('Configuration', '"refused": the last reload failed, and the previous configuration is in use.', g.query('min by (instance) (%s)' % q.ofExporter('mqtt_reason_config_last_reload_successful'), '{{instance}}'), 'in use', 'refused'),
          perProcess('Configuration read', 'Time since the configuration in use was read.', 's', 'time() - ' + q.ofExporter('mqtt_reason_config_last_reload_success_timestamp_seconds')),
        ]),
        g.line(6, [
          g.states('Web configuration', '"refused": it or a certificate could not be read, and the previous one is in use.', g.query('min by (instance) (%s)' % q.ofExporter('mqtt_reason_web_config_last_reload_successful'), '{{instance}}'), 'in use', 'refused') + ifNone(noWebConfig),
          perProcess('Web configuration read', 'Time since the web configuration in use was read.', 's', 'time() - ' + q.ofExporter('mqtt_reason_web_config_last_reload_success_timestamp_seconds'), none=noWebConfig),
        ]),
        g.line(6, [
          perProcess('Event lines written a minute', 'Events that were written as JSON lines.', 'short', '60 * rate(%s[$__rate_interval])' % q.ofExporter('mqtt_reason_event_lines_written_total'), none=noEventsFile),
          perProcess('Event lines dropped a minute', 'Events that were not written: too many, or the file could not be written.', 'short', '60 * sum by (instance) (rate(%s[$__rate_interval]))' % q.ofExporter('mqtt_reason_event_lines_dropped_total'), none=noEventsFile),
        ]),
      ], folded=true),
    ],
    q.annotations
  )
