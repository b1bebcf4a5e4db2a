/** One small picture of each format that libvips reads here, all of them of the same colours. */

export const width = 24;
export const height = 16;

/** RGB, row by row. */
export function testPixels(): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x * 10, y * 16, 255 - x * 5 - y * 5], (y * width + x) * 3);
  }
  return data;
}

/** `tolerance`: how far a sample may be off; nothing where the format loses nothing. */
export const testPictures: readonly { format: string; tolerance: number; base64: string }[] = [
  {
    format: 'PNG',
    tolerance: 0,
    base64:
      'iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAIAAACDRijCAAAACXBIWXMAAAPoAAAD6AG1e1JrAAADgElEQVQ4jQXBIaysOBQA0KtRCDRBIgkawR' +
      'rMNzXPYAaBGUNIxtRMQmowFWBqMNdgakDUYBqSMTWTEMwYBGMwz9R8s2b3HAD4z4F/Pfjrgw3hN4YrgW8GB4FPDnsJ7woMhRcDzWERoBAmCVLB' +
      'qAENDDuIA/oLOID7r+P+9Vzru7+he8XuN3GPzP0Qd8/dd+mayn1RVzN34a4S7oSulO6oXNTuYFyxu/3h8sttAYK/TmC94NcPrjD4xsGRBJ8s2E' +
      'nwzgNTBq8q0DRYWKB4MIlAYjDKAFUw6ECYoN8DfgTtFTCAyDrRrxddfvQNoyOOPkm0Z9GbRCaPXmWkq2ihkWLRxCMpohEjlNGgIqGj3kR8j9oj' +
      'Ylf0BEh/nfTy0q+fHmH6idM9Sd9Zakj6ylNdpkuVKppOLJU8HUWKmA4yFSrtdcpN2u4pO9LnlVIAcjnk65HDJ5+Q7DF5J8Rk5EWIzslSElWRiR' +
      'LJyMgJCjIgEZL0inBNWkPYTp4HoRd5ABRfpzi84uMXe1i848IkxSsrNCmWvFBlMVWFpMXICuTFIAqBRS8LropWF8wUz72gR/G4igqgPpz649W7' +
      'X7/D2sT1K6l1Vi+kVnk9lbWs6pHWyOqB10LUPdZc1q2qma6fpqZ7/Tjq6qrvAM3HaXavefuNCZtX3OikWbJGkWbKG1k2Y9UgbQbWCN70ouHYtL' +
      'JhqnnqhprmsTfV0dyvpgTodqd7e53xu1fY6bhbkk5l3UQ6mXdj2WHVDbQTrOt5x0XXYsdk91Qd1d3DdNXe3Y+uvLobAL4dNB6+fNQhLjGqBKcM' +
      'JcExRyxxqFBQ7Blyjq1AhviUSBU+NFYG7zuWB94uzAFm48wvb9b+vISziucpmWU2j2TGfB7KWVRzT2fO5pbPTMxPnKmcH2qu9Hw3c7nPt2POr/' +
      'kHYH05q/bWxV9VuE7xKpN1zFYk65Cvolz7auV0bdnK+PoUK8X1IddKrXe9lma97Wt+rD/XSgA27WyLtyl/m8JNxtuYbJhtA9lEvvXlxqutpRtj' +
      '25NvVGwP3Cq53dVW6u1mtnzffo6NXNsfgHNxTuWdk3/K8BzjE5NzyE5Bzj4/eXm21cno+WQn5edDnBWed3mW6rzpMzfnz36S4/xznRmAVY6dPC' +
      't9O4YWYzskVmS2J5bnti0tq+yTWsrsg9tK2DvaUtqbsrm2P8aS3f45bHbZf/4HfGFQn4ewA8gAAAAASUVORK5CYII=',
  },
  {
    format: 'JPEG',
    tolerance: 6,
    base64:
      '/9j/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAg' +
      'UDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAQABgDAREAAhEBAxEB/8QAFQAB' +
      'AQAAAAAAAAAAAAAAAAAABwj/xAAbEAABBQEBAAAAAAAAAAAAAAAABgglMqIFEf/EABgBAQADAQAAAAAAAAAAAAAAAAgFBwkK/8QAGBEAAwEBAA' +
      'AAAAAAAAAAAAAAAAYiMgf/2gAMAwEAAhEDEQA/AIRSbXq+c7BqszdH1ZUCc85oTUm16sdgPLN0fVitTnnNCck2vVjsh5Zuj6sVqc85of0m16sd' +
      'kk2bo+rOdtOec0JqTa9WOwHhm6PqxWpzzmhOSbXqx2A9M3R9WK1Oec0f/9k=',
  },
  {
    format: 'WebP',
    tolerance: 0,
    base64: 'UklGRi4AAABXRUJQVlA4TCIAAAAvF8ADAM1lRP9jEaUf8P5HAiEBYYL/i0VxFF7+HxOAXMtm',
  },
  {
    format: 'TIFF',
    tolerance: 0,
    base64:
      'SUkqAGIAAAB4nGNg+M/F8JtyxCDwizrmKHyljjkGH6hjjsNr6pgT8Iw65iQ8pI45BXeoY07DdeqYM+ESdcxZcJY65mw4QR1zDhymjjkX9lHHnA' +
      'c7qWPOhy1UMQcAwamMWAAQAAABAwABAAAAGAAAAAEBAwABAAAAEAAAAAIBAwADAAAAOAEAAAMBAwABAAAACAAAAAYBAwABAAAAAgAAABEBBAAB' +
      'AAAACAAAABIBAwABAAAAAQAAABUBAwABAAAAAwAAABYBAwABAAAAAAEAABcBBAABAAAAWQAAABoBBQABAAAAKAEAABsBBQABAAAAMAEAABwBAw' +
      'ABAAAAAQAAACgBAwABAAAAAgAAAD0BAwABAAAAAgAAAFMBAwADAAAAPgEAAAAAAAAzM8sAAAAIADMzywAAAAgACAAIAAgAAQABAAEA',
  },
];
