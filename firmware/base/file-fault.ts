/* Why a file cannot be used, in words: what the system says, without the call and the path that
 * Node adds. To be put behind "cannot be read: ". */

export function fileFault(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'it is not there';
  if (code === 'ENOTDIR') return 'a file stands where its folder should be';
  if (code === 'EACCES' || code === 'EPERM') return 'this user is not allowed to';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EROFS') return 'the disk is read-only';
  return message.replace(/^[A-Z0-9]+: |, \w+( '.*')?$/g, '');
}
