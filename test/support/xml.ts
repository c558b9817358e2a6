import assert from 'node:assert/strict';

/** That a document is one element with its children closed in order, and that no text holds what XML forbids. */
export function assertXml(document: string): void {
  const open: string[] = [];
  let roots = 0;
  const attributes = String.raw`(?:\s+[\w:.-]+="[^"<]*")*`;
  const part = new RegExp(String.raw`<([\w:.-]+)${attributes}\s*(/?)>|</([\w:.-]+)>|([^<]+)|(<)`, 'g');
  for (const [whole, name, empty, closed, text, stray] of document.matchAll(part)) {
    assert.equal(stray, undefined, 'a stray <');
    if (name !== undefined && open.length === 0) roots++;
    if (name !== undefined && empty !== '/') open.push(name);
    if (closed !== undefined) assert.equal(closed, open.pop(), whole);
    if (text !== undefined && open.length === 0) assert.equal(text.trim(), '', 'text outside the root');
  }
  assert.deepEqual(open, [], 'elements left open');
  assert.equal(roots, 1);
  assert.doesNotMatch(document, /&(?!amp;|lt;|gt;|quot;)/);
  assert.doesNotMatch(document.replaceAll('\n', ''), /\p{Cc}/u);
}
