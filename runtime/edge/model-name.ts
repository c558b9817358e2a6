import { isId } from '../id.js';

/** Name of a model as messages may hold it: that of an imported file can have spaces and more in it. */
export function modelName(id: string): string {
  if (isId(id)) return id;
  const name = id
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'model' : name;
}
