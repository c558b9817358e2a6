import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bar, Canvas, clip, sparkline } from '../../../../runtime/live-view/paint.js';
import * as fc from '../../../support/fast-check.js';

/** Cells that a plain line takes, wide characters counted twice. */
function cells(line: string): number {
  return [...line].reduce((sum, character) => sum + (/[\p{Script=Han}😀]/u.test(character) ? 2 : 1), 0);
}

function drawn(width: number, height: number, draw: (canvas: Canvas) => void, colors = false): string[] {
  const canvas = new Canvas(width, height);
  draw(canvas);
  return canvas.lines(colors);
}

describe('the canvas', () => {
  test('text stands where it was drawn, later text over earlier, and what falls outside is cut off', () => {
    const lines = drawn(8, 3, (canvas) => {
      canvas.text(0, 1, 'abc');
      canvas.text(0, 2, 'X');
      canvas.text(1, -2, 'left');
      canvas.text(2, 5, 'right');
      canvas.text(3, 0, 'below');
      canvas.text(-1, 0, 'above');
      canvas.text(Number.NaN, Number.NaN, 'nowhere');
    });
    assert.deepEqual(lines, [' aXc', 'ft', '     rig']);
  });

  test('with colours each change of style is a code and each line ends plain; without there is no escape', () => {
    const draw = (canvas: Canvas): void => {
      canvas.text(0, 0, 'ab', { color: 214, bold: true });
      canvas.text(0, 2, 'c', { color: 67 });
    };
    assert.deepEqual(drawn(4, 1, draw, true), ['\x1b[0;1;38;5;214mab\x1b[0;38;5;67mc\x1b[0m \x1b[0m']);
    assert.deepEqual(drawn(4, 1, draw), ['abc']);
  });

  test('a wide character takes two cells, and is gone when one of them is drawn over', () => {
    assert.deepEqual(
      drawn(6, 4, (canvas) => {
        canvas.text(0, 0, '触覚');
        canvas.text(0, 4, 'x');
        canvas.text(1, 0, '触覚');
        canvas.text(1, 1, 'x');
        canvas.text(2, 0, '触覚');
        canvas.text(2, 2, 'x');
        canvas.text(3, 5, '触');
      }),
      ['触覚x', ' x覚', '触x', ''],
    );
  });

  test('what would move the cursor is not drawn', () => {
    const [line] = drawn(20, 1, (canvas) => canvas.text(0, 0, 'a\x1b[2Jb\nc\u202ed\u0301e'));
    assert.equal(line, 'a[2Jbcde');
  });

  test('no line is wider than the canvas, whatever is drawn where', () => {
    const piece = fc.tuple(
      fc.integer({ min: -3, max: 6 }),
      fc.integer({ min: -9, max: 14 }),
      fc.string({ unit: fc.constantFrom('a', '触', '😀', '\n', '\x1b', '█'), maxLength: 14 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const lines = drawn(10, 4, (canvas) => {
          for (const [row, column, text] of pieces) canvas.text(row, column, text);
        });
        assert.equal(lines.length, 4);
        for (const line of lines) {
          assert.ok(cells(line) <= 10, JSON.stringify(line));
          assert.doesNotMatch(line, /\p{Cc}/u);
        }
      }),
    );
  });
});

test('clip: a text that is too long ends in an ellipsis, within its cells', () => {
  assert.equal(clip('press', 5), 'press');
  assert.equal(clip('pressing', 5), 'pres…');
  assert.equal(clip('触覚触覚', 5), '触覚…');
  assert.equal(clip('触覚触覚', 4), '触…');
  assert.equal(clip('', 3), '');
});

test('bar: eighths of a cell, always as wide as it should be', () => {
  assert.equal(bar(0, 4), '    ');
  assert.equal(bar(1, 4), '████');
  assert.equal(bar(0.5, 4), '██  ');
  assert.equal(bar(1 / 32, 4), '▏   ');
  assert.equal(bar(15 / 32, 4), '█▉  ');
  fc.assert(
    fc.property(fc.double(), fc.integer({ min: 0, max: 40 }), (share, width) => {
      assert.equal(bar(share, width).length, width);
    }),
  );
});

test('sparkline: the newest last, scaled to the largest, nothing is a dot', () => {
  assert.equal(sparkline([0, 1, 4, 8], 4), '·▂▅█');
  assert.equal(sparkline([9, 9, 0, 1], 2), '·█');
  assert.equal(sparkline([0, 0], 5), '··');
});
