/**
 * PyTorch's own files are pickles: programs that whoever opens them runs. They are never opened here; this is what a user
 * is told to do instead, where PyTorch is.
 */

/** Python that turns a `.pt` or `.t7` of the published scripts into safetensors, without running code from it. */
export const toSafetensors = `import sys
import torch
from safetensors.torch import save_file

source, target = sys.argv[1:]
state = torch.load(source, map_location="cpu", weights_only=True)
state = state.get("net", state)  # state_best.pt keeps its weights here,
state = state.get("net_list", [state])[-1]  # the .t7 files here
save_file({name: tensor.float().contiguous() for name, tensor in state.items()}, target)
`;

export const pickleAdvice = `this is a PyTorch file (zip or pickle), and whorl does not open pickles. Where PyTorch is, turn it into safetensors with this Python program (to_safetensors.py FILE.pt FILE.safetensors) and import that:

${toSafetensors}
A file of a whole model, such as model_best.pt, will be refused there: take weights_best.pt.`;

const zipMagic = [0x50, 0x4b, 0x03, 0x04];

/** Whether these are the bytes of a zip archive or a pickle. */
export function isPickle(bytes: Uint8Array): boolean {
  const isZip = zipMagic.every((byte, i) => bytes[i] === byte);
  // A safetensors header of 640 bytes begins like a pickle of protocol 2, but then comes its brace.
  const isProtocol = bytes[0] === 0x80 && bytes[8] !== 0x7b;
  return isZip || isProtocol;
}
