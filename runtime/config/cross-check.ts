import { frameDriverKinds } from '../../devices/index.js';
import { ID_RULE, isId } from '../id.js';
import { isLoopback } from '../loopback.js';
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
    ...checkNames(tree, 'sensors'),
    ...checkNames(tree, 'pipelines'),
    ...checkPipelineSensors(tree),
    ...checkPorts(tree),
    ...checkDrivers(tree),
    ...checkMqtt(tree),
    ...checkBroker(tree),
    ...checkWindows(tree),
    ...checkAnytime(tree),
  ];
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

function checkPorts(tree: Tree): Finding[] {
  const users = new Map<string, string>();
  return Object.entries(section(tree, 'sensors')).flatMap(([name, value]): Finding[] => {
    const path = valueAt(value, ['transport', 'path']);
    if (valueAt(value, ['transport', 'kind']) !== 'serial' || typeof path !== 'string') return [];
    const other = users.get(path);
    users.set(path, name);
    if (other === undefined) return [];
    return [
      { path: ['sensors', name, 'transport', 'path'], message: `is the port of sensor ${other} already` },
    ];
  });
}

/** Drivers of sampled sensors, which need to know what change is an event. */
const sampled: readonly unknown[] = frameDriverKinds;

function checkDrivers(tree: Tree): Finding[] {
  return Object.entries(section(tree, 'sensors')).flatMap(([name, value]): Finding[] => {
    const driver = valueAt(value, ['driver']);
    const codec = valueAt(value, ['codec']);
    const kind = valueAt(driver, ['kind']);
    if (!isTree(driver) || typeof kind !== 'string') return [];
    const findings: Finding[] = [];
    if (codec !== undefined && codec !== kind)
      findings.push({
        path: ['sensors', name, 'codec'],
        message: `is an older name of driver.kind, which is ${kind}; leave it out`,
      });
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

function checkBroker(tree: Tree): Finding[] {
  const { host, allowRemote } = section(tree, 'broker');
  if (typeof host !== 'string' || isLoopback(host) || allowRemote === true) return [];
  const message = `'${host}' is not a loopback address; the embedded broker has no passwords, so use a broker of its own (mqtt.url), or set broker.allowRemote`;
  return [{ path: ['broker', 'host'], message }];
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
