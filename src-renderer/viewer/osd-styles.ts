/**
 * OpenSeadragon adds a <style> element to the page, which the content security policy forbids. It does so only where no `style`
 * with its mark is there: an element of that name outside HTML carries the mark and no style, and viewer.css carries the rule.
 */
export function keepOpenSeadragonFromAddingStyles(document: Document): void {
  if (document.querySelector('style[data-openseadragon-mobile-css]') !== null) return;
  const marker = document.createElementNS('urn:gigatile:marker', 'style');
  marker.setAttribute('data-openseadragon-mobile-css', 'true');
  document.head.append(marker);
}
