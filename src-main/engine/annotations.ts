/** What reviewers draw on the image: kept in the case, and told in its event log. */
import type { Annotation, AnnotationView } from '../contract/annotation.ts';
import type { CaseFile } from '../store/case-file.ts';

export function putAnnotations(
  file: CaseFile,
  annotations: readonly Annotation[],
  author: string,
): AnnotationView[] {
  const at = new Date().toISOString();
  file.transaction(() => {
    for (const annotation of annotations) file.annotations.put(annotation, author, at);
    file.events.append(null, 'annotated', { author, ids: annotations.map(({ id }) => id).slice(0, 100) });
  });
  return file.annotations.list();
}

export function removeAnnotations(file: CaseFile, ids: readonly string[], author: string): AnnotationView[] {
  file.transaction(() => {
    for (const id of ids) file.annotations.remove(id);
    file.events.append(null, 'annotations-removed', { author, ids: ids.slice(0, 100) });
  });
  return file.annotations.list();
}
