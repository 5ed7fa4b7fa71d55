export function openQueue(_: unknown): never {
  throw new Error('x');
}
