// Makes a photo small enough to send: at most 1,600 pixels a side, as a JPEG. A photo that is small
// already, or that this browser cannot draw (HEIC in most), is sent as it is: the shop reads it.

const SIDE = 1600;
const QUALITY = 0.86;
const SMALL_BYTES = 600_000;
const AS_IT_IS = ["image/jpeg", "image/png", "image/webp"];

// Returns the blobs to send, or throws a RangeError whose message says which file is too large.
export async function prepare(files, { limits, text }) {
  const most = (limit) => Math.round(limit / 1e6);
  const refuse = (file, limit) => {
    const size = Math.max(most(file.size), most(limit) + 1);
    throw new RangeError(text.replace("{size}", size).replace("{limit}", most(limit)));
  };
  const blobs = [];
  for (const file of files) {
    if (file.size > limits.file) refuse(file, limits.file);
    const blob = await scaled(file);
    if (blob.size > limits.sent) refuse(file, limits.sent);
    blobs.push(blob);
  }
  return blobs;
}

async function scaled(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file;
  }
  const shrink = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  if (shrink === 1 && file.size <= SMALL_BYTES && AS_IT_IS.includes(file.type)) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * shrink));
  canvas.height = Math.max(1, Math.round(bitmap.height * shrink));
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // JPEG has no transparency
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return blob && (shrink < 1 || blob.size < file.size) ? blob : file;
}
