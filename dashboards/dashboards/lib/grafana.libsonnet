// SPDX-License-Identifier: Apache-2.0
// The few kinds of panels that these dashboards use, and how they are laid out.
//
// The JSON is what Grafana 10.0 writes itself (schemaVersion 38, panels of 10.0.0): every later Grafana migrates that upwards, and
// a higher number would make it skip a migration that an older one needs. Nothing here is newer than 10.0.
// Every panel has a description and a unit: they are parameters without a default.
local datasource = { type: 'prometheus', uid: '${datasource}' };

local thresholds(steps) = { mode: 'absolute', steps: steps };

local panel(type, title, description, unit, targets) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  pluginVersion: '10.0.0',
  targets: std.mapWithIndex(function(i, target) target { refId: std.char(std.codepoint('A') + i) }, targets),
  fieldConfig: {
    defaults: {
      unit: unit,
      mappings: [],
      color: { mode: 'palette-classic' },
      thresholds: thresholds([{ color: 'green', value: null }]),
    },
    overrides: [],
  },
};

// Instead of "No data", where only what occurred is drawn. It is also true where no source could see it.
local nothing = 'none seen in this time range';

// Events a minute.
local perMinute = 'suffix:/min';

local reduced = { calcs: ['lastNotNull'], fields: '', values: false };
local tooltip = { mode: 'multi', sort: 'desc' };

{
  perMinute: perMinute,

  // ---- Queries: over time, at the end of the time range, and at its end as rows of a table.
  query(expr, legend='__auto'): { datasource: datasource, expr: expr, legendFormat: legend, range: true, instant: false, editorMode: 'code' },
  now(expr, legend='__auto'): self.query(expr, legend) { range: false, instant: true },
  rows(expr): self.now(expr) { format: 'table' },
  // With the exemplars of the series that the query asks for, as points: recorded series have none.
  withExemplars(query): query { exemplar: true },

  // ---- Panels.
  // `none` is shown where there is no series.
  timeseries(title, description, unit, targets, stack=false, none=nothing):
    panel('timeseries', title, description, unit, targets) {
      fieldConfig+: { defaults+: {
        min: 0,
        noValue: none,
        custom: {
          drawStyle: 'line',
          lineInterpolation: 'linear',
          lineWidth: 1,
          fillOpacity: if stack then 40 else 10,
          showPoints: 'auto',
          spanNulls: false,
          stacking: { mode: if stack then 'normal' else 'none', group: 'A' },
        },
      } },
      // The greatest first. Beside the lines; in a panel that is too narrow for that, below them.
      options: {
        legend: { displayMode: 'table', placement: 'right', showLegend: true, calcs: ['max', 'lastNotNull'], sortBy: 'Max', sortDesc: true },
        tooltip: tooltip,
      },
    },
  // The same name has the same colour in all panels that are coloured so.
  byName: { fieldConfig+: { defaults+: { color: { mode: 'palette-classic-by-name' } } } },
  onlyMax: { options+: { legend+: { calcs: ['max'] } } },
  // Colours by legend, where the order of a palette would say the wrong thing: {legend: colour}.
  coloured(map): { fieldConfig+: { overrides+: [
    { matcher: { id: 'byName', options: legend }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: map[legend] } }] }
    for legend in std.objectFields(map)
  ] } },

  // Where a click on a line, a bar or a legend leads: [{ title, url }, …].
  linked(links): { fieldConfig+: { defaults+: { links: [link { targetBlank: false } for link in links] } } },

  // `steps`: [[value, colour], …], from which the number is shown in that colour. `none` is shown where there is no such series.
  stat(title, description, unit, target, steps=[], none='not known'):
    panel('stat', title, description, unit, [target]) {
      fieldConfig+: { defaults+: {
        color: { mode: 'thresholds' },
        // Prometheus' increase() is no whole number.
        [if unit == 'locale' then 'decimals']: 0,
        noValue: none,
        // What is not known has the first colour: it is not good.
        thresholds: thresholds(
          [{ color: 'text', value: null }]
          + (if steps == [] then [] else [{ color: 'green', value: 0 }])
          + [{ color: s[1], value: s[0] } for s in steps]
        ),
      } },
      options: { reduceOptions: reduced, colorMode: 'value', graphMode: 'none', justifyMode: 'auto', orientation: 'auto', textMode: 'auto' },
    },

  // A count, and beside it its share of `whole` (a name) in a colour. A count alone has no colour: 12 of 100,000 are nothing, 5 of 5
  // are an outage.
  share(title, description, count, share, whole, steps=[[0.01, 'orange'], [0.1, 'red']], none='not known'):
    self.stat(title, description, 'locale', count { legendFormat: ' ' }, none=none) {
      targets+: [share { legendFormat: whole, refId: 'B' }],
      fieldConfig+: { overrides+: [{
        matcher: { id: 'byName', options: whole },
        properties: [
          { id: 'unit', value: 'percentunit' },
          { id: 'decimals', value: 1 },
          { id: 'thresholds', value: thresholds([{ color: 'text', value: null }, { color: 'green', value: 0 }] + [{ color: s[1], value: s[0] } for s in steps]) },
        ],
      }] },
      options+: { textMode: 'value_and_name', orientation: 'vertical' },
    },

  bars(title, description, unit, target):
    panel('bargauge', title, description, unit, [target]) {
      fieldConfig+: { defaults+: { min: 0, decimals: 0, noValue: nothing, color: { mode: 'continuous-YlRd' } } },
      options: { reduceOptions: reduced, displayMode: 'gradient', orientation: 'horizontal', showUnfilled: true, valueMode: 'text', minVizHeight: 10, minVizWidth: 0 },
    },

  // A row per series, time to the right, the value as colour.
  heat(title, description, unit, target):
    panel('status-history', title, description, unit, [target]) {
      maxDataPoints: 60,
      fieldConfig+: { defaults+: {
        noValue: nothing,
        color: { mode: 'thresholds' },
        // Each colour is ten times the one before: rare errors are seen beside floods.
        thresholds: thresholds([
          { color: '#FFF899', value: null },
          { color: '#FADE2A', value: 1 },
          { color: '#FF9830', value: 10 },
          { color: '#F2495C', value: 100 },
          { color: '#C4162A', value: 1000 },
          { color: '#A352CC', value: 10000 },
          { color: '#7C2EA3', value: 100000 },
        ]),
        custom: { fillOpacity: 90, lineWidth: 0 },
      } },
      options: { showValue: 'never', rowHeight: 0.9, colWidth: 0.9, legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] }, tooltip: { mode: 'single', sort: 'none' } },
    },

  // The same for a gauge that is 1 (good) or 0.
  states(title, description, target, good='yes', bad='no'):
    self.heat(title, description, 'none', target) {
      options+: { legend+: { showLegend: false } },
      fieldConfig+: { defaults+: {
        color: { mode: 'thresholds' },
        mappings: [{ type: 'value', options: { '0': { text: bad, color: 'red', index: 0 }, '1': { text: good, color: 'green', index: 1 } } }],
        thresholds: thresholds([{ color: 'red', value: null }, { color: 'green', value: 1 }]),
      } },
    },

  // `columns`: fields in their order, each made by column(). Fields that are not named are not shown.
  // Several queries are joined where all their labels agree. `none` is shown instead of "No data".
  // `hidden`: fields that links use and nobody needs to see. `tall`: three lines a row, for texts.
  table(title, description, unit, targets, columns, sort=null, none=nothing, hidden=[], tall=false):
    panel('table', title, description, unit, targets) {
      fieldConfig+: {
        defaults+: { noValue: none, custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false, filterable: true } },
        overrides: [
          { matcher: { id: 'byName', options: c.title }, properties: c.properties }
          for c in columns
        ] + [
          { matcher: { id: 'byName', options: field }, properties: [{ id: 'custom.hidden', value: true }, { id: 'unit', value: 'string' }] }
          for field in hidden
        ],
      },
      options: { showHeader: true, cellHeight: if tall then 'lg' else 'sm', [if sort != null then 'sortBy']: [{ displayName: sort, desc: true }] },
      transformations: [
        { id: 'merge', options: {} },
        { id: 'filterFieldsByName', options: { include: { names: [c.field for c in columns] + hidden } } },
        { id: 'organize', options: {
          excludeByName: {},
          indexByName: { [columns[i].field]: i for i in std.range(0, std.length(columns) - 1) }
                       + { [hidden[i]]: std.length(columns) + i for i in std.range(0, std.length(hidden) - 1) },
          renameByName: { [c.field]: c.title for c in columns },
        } },
      ],
    },

  // Of a label: as it is. With any other unit Grafana shows what looks like a number as one: 0x82 as 130, 5.0 as 5.
  // `empty` is what a cell without a value shows.
  column(field, title, unit='string', width=null, decimals=null, properties=[], empty='–'): {
    field: field,
    title: title,
    properties:
      [{ id: 'unit', value: unit }, { id: 'noValue', value: empty }]
      + (if width == null then [] else [{ id: 'custom.width', value: width }])
      + (if decimals == null then [] else [{ id: 'decimals', value: decimals }])
      + properties,
  },
  // The value of a query by its letter; where a table has one query, Grafana calls the field "Value".
  value(title, unit, letter=null, decimals=0, width=110, properties=[], empty='–'):
    self.column(
      if letter == null then 'Value' else 'Value #' + letter,
      title,
      unit,
      width,
      decimals,
      [{ id: 'custom.filterable', value: false }] + properties,
      empty
    ),

  // What a cell shows instead of its value: {value: text}.
  texts(map): [{
    id: 'mappings',
    value: [{ type: 'value', options: {
      [key]: { text: map[key], index: i }
      for i in std.range(0, std.length(std.objectFields(map)) - 1)
      for key in [std.objectFields(map)[i]]
    } }],
  }],
  // A number in the colour of the step that it has reached: [[value, colour], …].
  steps(steps): [
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    { id: 'color', value: { mode: 'thresholds' } },
    { id: 'thresholds', value: thresholds([{ color: 'text', value: null }] + [{ color: s[1], value: s[0] } for s in steps]) },
  ],
  // A text that takes several lines; where they are too few, a click shows all of it. (Grafana before 11 shows one line.)
  long: [{ id: 'custom.inspect', value: true }, { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } }],
  // Where a click on a cell leads: [{ title, url }, …].
  cellLinks(links): [{ id: 'links', value: [link { targetBlank: false } for link in links] }],
  colours(map): [
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    { id: 'mappings', value: [{ type: 'value', options: { [key]: { color: map[key], index: i } for i in std.range(0, std.length(std.objectFields(map)) - 1) for key in [std.objectFields(map)[i]] } }] },
  ],

  // ---- Variables.
  variables: {
    datasource: { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', regex: '', hide: 0, refresh: 1, multi: false, includeAll: false, options: [], current: {} },
    query(name, label, query, all=null): {
      name: name,
      label: label,
      type: 'query',
      datasource: datasource,
      definition: query,
      query: { query: query, refId: 'StandardVariableQuery' },
      regex: '',
      hide: 0,
      refresh: 2,  // when the time range changes
      sort: 1,
      multi: true,
      includeAll: true,
      [if all != null then 'allValue']: all,
      options: [],
      current: { selected: true, text: ['All'], value: ['$__all'] },
    },
    choice(name, label, values, chosen): {
      name: name,
      label: label,
      type: 'custom',
      query: std.join(',', values),
      hide: 0,
      multi: true,
      includeAll: true,
      options: [{ selected: std.member(chosen, v), text: v, value: v } for v in values],
      current: { selected: true, text: chosen, value: chosen },
    },
  },

  // ---- A dashboard is sections; a section is a title and lines; a line is a height and panels, which share its width as their
  // `share` says (1 where it does not). A section that is `folded` is opened by a click, and asks nothing before.
  section(title, lines, folded=false): { title: title, lines: lines, folded: folded },
  line(h, panels): { h: h, panels: panels },

  // ---- What happened, as lines through all panels: `expr` has a series for each event that lasts, or (`atValue`) whose value is the
  // time of the event in milliseconds.
  annotation(name, expr, colour, title, text, atValue=false): {
    name: name,
    datasource: datasource,
    enable: true,
    hide: false,
    iconColor: colour,
    expr: expr,
    titleFormat: title,
    textFormat: text,
    step: '60s',
    useValueForTime: atValue,
  },

  dashboard(uid, title, description, variables, sections, annotations=[]): {
    local width = 24,
    local legendBelow = { options+: { legend+: { placement: 'bottom' } } },
    local placeLine(line, y) =
      local total = std.foldl(function(sum, p) sum + p.share, [{ share:: 1 } + p for p in line.panels], 0);
      std.foldl(
        function(done, p)
          local x = if done == [] then 0 else done[std.length(done) - 1].gridPos.x + done[std.length(done) - 1].gridPos.w;
          local isLast = std.length(done) == std.length(line.panels) - 1;
          local w = if isLast then width - x else std.floor(width * p.share / total);
          done + [p { gridPos: { h: line.h, w: w, x: x, y: y } } + (if p.type == 'timeseries' && w < width / 2 then legendBelow else {})],
        [{ share:: 1 } + p for p in line.panels],
        []
      ),
    local placeLines(lines, y) = std.foldl(
      function(state, line) { y: state.y + line.h, panels: state.panels + placeLine(line, state.y) },
      lines,
      { y: y, panels: [] }
    ),
    local placed = std.foldl(
      function(state, section)
        local inside = placeLines(section.lines, state.y + 1);
        local row = { type: 'row', title: section.title, collapsed: section.folded, gridPos: { h: 1, w: width, x: 0, y: state.y } };
        if section.folded
        then { y: state.y + 1, panels: state.panels + [row { panels: inside.panels }] }
        else { y: inside.y, panels: state.panels + [row { panels: [] }] + inside.panels },
      sections,
      { y: 0, panels: [] }
    ).panels,
    // Numbers in the order of reading, those of a folded section behind its own.
    local numbered = std.foldl(
      function(state, p)
        local inner = if std.objectHas(p, 'panels') then p.panels else [];
        {
          next: state.next + 1 + std.length(inner),
          panels: state.panels + [
            p { id: state.next }
            + (if p.type == 'row' then { panels: std.mapWithIndex(function(i, q) q { id: state.next + 1 + i }, inner) } else {}),
          ],
        },
      placed,
      { next: 1, panels: [] }
    ).panels,

    uid: uid,
    title: title,
    description: description,
    tags: ['mqtt', 'mqtt-reason'],
    schemaVersion: 38,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    annotations: { list: annotations },
    links: [{ title: 'MQTT reason codes', type: 'dashboards', tags: ['mqtt-reason'], asDropdown: true, includeVars: true, keepTime: true, targetBlank: false, icon: 'external link', tooltip: '', url: '' }],
    templating: { list: variables },
    panels: numbered,
  },
}
