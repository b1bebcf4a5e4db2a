/** A file of the person's own, read by the screen itself: the browser's dialog. */

/** null where none was chosen. */
export function chooseLocalFile(accept: string): Promise<File | null> {
  const field = document.createElement('input');
  field.type = 'file';
  field.accept = accept;
  field.hidden = true;
  // In the page: a field that nothing holds can go before it answers.
  document.body.append(field);
  return new Promise((done) => {
    const end = (file: File | null) => {
      field.remove();
      done(file);
    };
    field.addEventListener('change', () => end(field.files?.[0] ?? null));
    field.addEventListener('cancel', () => end(null));
    field.click();
  });
}
