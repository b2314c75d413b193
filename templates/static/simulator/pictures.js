// A phone sends a picture smaller than it took it; so does this page.

const BIG = 2 * 2 ** 20; // bytes
const LONGEST = 1600; // pixels of the longer side

// The file itself when it is small or no picture: what it is worth is for the other side to say.
export async function asSent(file) {
  if (file.size <= BIG) return file;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => { canvas.toBlob((blob) => done(blob || file), "image/jpeg", 0.85); });
}
