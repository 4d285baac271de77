/** A whole picture as an answer. */
export function jpegResponse(bytes: Uint8Array, headers: Record<string, string> = {}): Response {
  return new Response(new Uint8Array(bytes), {
    headers: { 'Content-Type': 'image/jpeg', 'Content-Length': String(bytes.length), ...headers },
  });
}
