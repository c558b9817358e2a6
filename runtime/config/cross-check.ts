import { frameDriverKinds, isBarePath } from '../../devices/index.js';
import { ID_RULE, isId } from '../id.js';
import { isLoopback } from '../loopback.js';
import { checkModels } from './check-models.js';
import type { Finding } from './explain.js';
import { nearest } from './nearest.js';
import { isTree, type Tree, valueAt } from './node.js';
import { MAX_NAMED } from './schema.js';

/**
 * What one key alone cannot tell. Works on unchecked data and looks only at what has the right type, so that these
 * errors are told together with those of the schema, all at once.
 */
export function crossCheck(tree: Tree): Finding[] {
  return [
    ...checkEdge(tree),
    ...checkNames(tree, 'sensors'),
    ...checkNames(tree, 'pipelines'),
    ...checkPipelineSensors(tree),
    ...checkPorts(tree),
    ...checkDrivers(tree),
    ...checkIdentities(tree),
    ...checkMqtt(tree),
    ...checkListener(
      tree,
      'broker',
      'the embedded broker has no passwords, so use a broker of its own (mqtt.url)',
    ),
    ...checkListener(tree, 'metrics', 'the figures have no password, so let a proxy serve them'),
    ...checkWindows(tree),
    ...checkAnytime(tree),
    ...checkModels(tree),
  ];
}

/** `<base>/v1/work` is where windows for workers go. */
function checkEdge(tree: Tree): Finding[] {
  if (section(tree, 'edge')['id'] !== 'work') return [];
  return [{ path: ['edge', 'id'], message: "must not be 'work', which is the name of windows in topics" }];
}

function checkNames(tree: Tree, of: string): Finding[] {
  const names = Object.keys(section(tree, of));
  const findings = names
    .filter((name) => !isId(name))
    .map((name) => ({ path: [of, name], message: `the name ${ID_RULE}` }));
  if (names.length > MAX_NAMED)
    findings.push({ path: [of], message: `must have at most ${MAX_NAMED} entries, has ${names.length}` });
  return findings;
}

function checkPipelineSensors(tree: Tree): Finding[] {
  const known = Object.keys(section(tree, 'sensors'));
  return Object.entries(section(tree, 'pipelines')).flatMap(([pipeline, value]) => {
    const wanted = valueAt(value, ['sensors']);
    if (!Array.isArray(wanted)) return [];
    return wanted.flatMap((name: unknown, i): Finding[] => {
      const path = ['pipelines', pipeline, 'sensors', i];
      if (typeof name !== 'string') return [];
      if (wanted.indexOf(name) < i) return [{ path, message: `names '${name}' a second time` }];
      if (known.includes(name)) return [];
      const meant = nearest(name, known);
      const hint = meant === undefined ? 'add it under sensors' : `did you mean ${meant}?`;
      return [{ path, message: `names the sensor '${name}', which is not there; ${hint}` }];
    });
  });
}

/** Serial sensors with their transport. */
function serialSensors(tree: Tree): [name: string, transport: Tree][] {
  return Object.entries(section(tree, 'sensors')).flatMap(([name, value]) => {
    const transport = valueAt(value, ['transport']);
    return isTree(transport) && transport['kind'] === 'serial' ? [[name, transport]] : [];
  });
}

/** A port has one sensor; ports with the same USB numbers may be told apart by the uid. */
function checkPorts(tree: Tree): Finding[] {
  const users = new Map<string, string>();
  return serialSensors(tree).flatMap(([name, transport]) => {
    const key = transport['uid'] === undefined ? ['path', 'usb'] : ['uid'];
    return key.flatMap((one): Finding[] => {
      const port = transport[one];
      if (typeof port !== 'string') return [];
      const other = users.get(port);
      users.set(port, name);
      if (other === undefined) return [];
      return [
        { path: ['sensors', name, 'transport', one], message: `is the port of sensor ${other} already` },
      ];
    });
  });
}

/** How a serial port is found. */
function checkIdentities(tree: Tree): Finding[] {
  return serialSensors(tree).flatMap(([name, { path, usb, uid }]): Finding[] => {
    const at = ['sensors', name, 'transport'];
    if (path === undefined && usb === undefined && uid === undefined)
      return [
        { path: [...at, 'path'], message: "is missing; or give usb or uid, as 'whorl ports' lists them" },
      ];
    if (path !== undefined && usb !== undefined)
      return [{ path: [...at, 'usb'], message: 'excludes path: give one of the two' }];
    if (uid !== undefined && valueAt(tree, ['sensors', name, 'tickNs']) !== undefined)
      return [
        { path: [...at, 'uid'], message: 'needs a sensor that says who it is; such a one needs no tickNs' },
      ];
    return [];
  });
}

/** What works and is not wise: told as warnings. */
export function doubts(tree: Tree): Finding[] {
  return serialSensors(tree).flatMap(([name, { path }]): Finding[] => {
    if (typeof path !== 'string' || !isBarePath(path)) return [];
    const message = `${path} changes with the order of plugging; use a name that stays: 'whorl ports' lists it`;
    return [{ path: ['sensors', name, 'transport', 'path'], message }];
  });
}

/** Drivers of sampled sensors, which need to know what change is an event. */
const sampled: readonly unknown[] = frameDriverKinds;

function checkDrivers(tree: Tree): Finding[] {
  return Object.entries(section(tree, 'sensors')).flatMap(([name, value]): Finding[] => {
    const driver = valueAt(value, ['driver']);
    const kind = valueAt(driver, ['kind']);
    if (!isTree(driver) || typeof kind !== 'string') return [];
    const findings: Finding[] = [];
    if (sampled.includes(kind) && driver['threshold'] === undefined && driver['calibration'] === undefined)
      findings.push({
        path: ['sensors', name, 'driver'],
        message: `needs a calibration: name a file there and let whorl calibrate --sensor ${name} write it, or set a threshold`,
      });
    return findings;
  });
}

function checkMqtt(tree: Tree): Finding[] {
  const mqtt = section(tree, 'mqtt');
  const findings: Finding[] = [];
  const url = typeof mqtt['url'] === 'string' ? mqtt['url'] : 'embedded';
  if (url !== 'embedded' && !URL.canParse(url))
    findings.push({ path: ['mqtt', 'url'], message: 'is not a valid URL; is the port between 1 and 65535?' });
  const needs = (key: string, other: string): void => {
    if (mqtt[key] !== undefined && mqtt[other] === undefined)
      findings.push({ path: ['mqtt', key], message: `needs mqtt.${other} as well` });
  };
  needs('certFile', 'keyFile');
  needs('keyFile', 'certFile');
  needs('passwordFile', 'username');
  for (const key of ['caFile', 'certFile', 'keyFile'])
    if (mqtt[key] !== undefined && !/^(mqtts|wss):/.test(url))
      findings.push({ path: ['mqtt', key], message: 'has a meaning only with an mqtts:// or wss:// url' });
  const [min, max] = ['minMs', 'maxMs'].map((key) => valueAt(mqtt, ['reconnect', key]));
  if (typeof min === 'number' && typeof max === 'number' && min > max)
    findings.push({
      path: ['mqtt', 'reconnect', 'minMs'],
      message: `must not exceed maxMs (${max} ms), is ${min}`,
    });
  return findings;
}

/** What listens beyond loopback must be allowed to. */
function checkListener(tree: Tree, name: 'broker' | 'metrics', why: string): Finding[] {
  const { host, allowRemote } = section(tree, name);
  if (typeof host !== 'string' || isLoopback(host) || allowRemote === true) return [];
  const message = `'${host}' is not a loopback address; ${why}, or set ${name}.allowRemote`;
  return [{ path: [name, 'host'], message }];
}

function checkWindows(tree: Tree): Finding[] {
  return Object.entries(section(tree, 'pipelines')).flatMap(([name, value]): Finding[] => {
    const [threshold, release] = ['thresholdEvents', 'releaseEvents'].map((key) =>
      valueAt(value, ['window', key]),
    );
    if (typeof threshold !== 'number' || typeof release !== 'number' || release <= threshold) return [];
    const message = `must not exceed thresholdEvents (${threshold}), is ${release}`;
    return [{ path: ['pipelines', name, 'window', 'releaseEvents'], message }];
  });
}

function checkAnytime(tree: Tree): Finding[] {
  return Object.entries(section(tree, 'pipelines')).flatMap(([name, value]): Finding[] => {
    if (valueAt(value, ['anytime', 'decideBy']) !== 'model') return [];
    const fixed = ['minConfidence', 'minMargin', 'holdBins'].filter(
      (key) => valueAt(value, ['anytime', key]) !== undefined,
    );
    const message = 'has a meaning only with decideBy: fixed; the rule of the model brings its own';
    return fixed.map((key) => ({ path: ['pipelines', name, 'anytime', key], message }));
  });
}

function section(tree: Tree, name: string): Tree {
  const value = valueAt(tree, [name]);
  return isTree(value) ? value : {};
}
