/**
 * OpenSeadragon adds a <style> element to the page, which the content security policy forbids. It does so only where none with
 * its mark is there: an element of another type carries the mark, and viewer.css carries the rule.
 */
export function keepOpenSeadragonFromAddingStyles(document: Document): void {
  if (document.querySelector('style[data-openseadragon-mobile-css]') !== null) return;
  const marker = document.createElement('style');
  marker.type = 'text/plain';
  marker.dataset['openseadragonMobileCss'] = 'true';
  document.head.append(marker);
}
