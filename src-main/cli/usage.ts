/** What `gigatile help` prints. */
import { exportFormats } from '../contract/export-formats.ts';

export const usage = `gigatile: models over images that are too large to load

gigatile info <image> [--prepare] [--json]            what it is; large images without tiles are prepared with --prepare
gigatile analyze <image> --model <id|file> [--case f] [--out dir] [--tile n | --grid CxR|sahi:WxH[:ratio]|sahi:auto] [--overlap px|%] [--mpp x]
                 [--roi f.geojson] [--exclude f.geojson] [--workers n] [--threshold x]
                 [--tile-timeout seconds]
                 how it ends: [--tolerate n|%] [--fail-fast]  beyond so many failed tiles it has failed; at once with --fail-fast
                              [--min-successful n|%]          it ends when so many tiles are done, and has failed with fewer
                 [--merge exact|sahi:<NMS|NMM|GREEDYNMM>:<IOU|IOS>:<thr>] [--full-image] [--stain fixed|macenko] [--jpeg fast|exact]
                 [--provider cpu|webgpu|cuda|dml|coreml|auto] [--threads n] [--batch n] [--order attention|native]
                 [--gate [image:]<classifier>:<class>[,<class> …][@<probability>]] [--json]  image: of the whole at once
                 remote models: [--allow-remote] [--budget <USD>|<n>tokens] [--describe rules|remote]
gigatile analyze <image|folder|pattern>… --model <id|file> [--case <folder>] [--out <folder>] [--each] [--at-once n] [--retry-failed | --anew]
                 [the options of one image] [--json]  one case each, summary.csv and summary.json; the same command again goes on
                 one image: --continue goes on with the run of the same analysis; --each: pictures of a folder are not one image
gigatile resume <case> [--run id] [--retry-failed] [--budget …] [--image <where it is now>] [--model <where it is now>] [--json]
gigatile rerun <case> --region x,y,w,h [--run id] [--json]   that part again, in pixels of the full image; decisions stay
gigatile runs <case> [--json]                         runs, tile counts by state, failures with reasons
gigatile case <info|check|compact|restore> <case> [--json]
                                                      the file: size, safety, backups; every page read; gaps given back; the newest sound backup
gigatile case copy <case> --out <file> [--json]       a copy of its own, also while the case is worked on
gigatile export <case> [--run id] --format <name> --out <file|dir> [--timestamp <ISO 8601>]
                 formats: ${exportFormats.join(', ')}
                 reports: [--page a4|letter] [--sections <name,…>] [--title t] [--header t] [--logo f.png] [--comments t] [--findings n]
                 a remote model's words about the figures: [--summary-by <remote model>] [--allow-remote]
                 what can name a person, left out else, logged: [--include file-name,properties]
gigatile export <folder> --format <name> --out <dir>  the newest run of every case of a folder
gigatile export <folder> --table --out <f.csv>        one table over all cases of a folder, a row an image
gigatile import <case> <file> [--run id] [--reviewer name] [--reject-missing] [--json]
                                                      decisions out of QuPath or a GIS (GeoJSON); COCO and WSInfer results as a run
gigatile verify <bundle> [--case <case>] [--json]     whether a bundle's files, and the case's log, are what they were
gigatile evaluate <case> --truth <f.geojson> [--run id] [--radius px] [--json]
                                                      precision, recall and F1 of its findings against annotated points
gigatile compare <case> --run a --run b [--iou 0.5] [--any-class] [--threshold t [--threshold t]] [--with-rejected] [--out f.csv|f.geojson] [--json]
                                                      what both runs found and what only one of them; precision, recall, F1, kappa
gigatile models [<id|file>] [--json]                  the list, or what one model is, where that was read and what is missing
                 [--set fact=answer]… [--replace]     what only you know of a model, written to a gigatile.json beside it
                 [--self-test]                    the model against the answer that was published with it (bioimage.io)
gigatile sample <pathology|satellite> --size WxH --out f.tif [--truth f.geojson] [--seed n]
gigatile serve [image…] [--port n] [--open] [--queue url]  the same screens in a browser, on loopback, with a token
gigatile open [image…]                                the desktop window, or the browser where there is no Electron
gigatile worker --queue <postgres-url> [--slides <folder there>=<folder here|s3://bucket/…>]… [--models <folder>]… [--concurrency n] [--name n]
                                                      one more machine for runs with --queue (analyze, resume: [--queue url] [--chunk tiles] [--priority n])
gigatile analyze <image> --queue <postgres-url> --follow <run> [--case f]   the results of a run that another desktop submitted, into a case here
gigatile queue [show|pause|resume|cancel|priority|remove|redrive] [run] [n] --queue <postgres-url> [--json] [--metrics]
                                                      runs, chunks and workers of a queue; --metrics as OpenMetrics
gigatile doctor [--json]                              what works here, and what to do about the rest
gigatile licences                                     of the software that Gigatile is passed on with

<image> is a path, or an http(s) address of a TIFF file (COG, SVS …), which is read in parts; cases keep no presigned addresses.
Exit codes: 0 fine; 1 failed; 2 bad usage or unreadable input; 3 complete with gaps; 130 interrupted and resumable.
A queue's password is best given by PGPASSWORD or .pgpass; GIGATILE_QUEUE stands for --queue of worker, queue and serve.
Limits for damaged and hostile images: GIGATILE_MAX_PIXELS, GIGATILE_WORKER_MEMORY_MB, GIGATILE_INFERENCE_MEMORY_MB.
Images without tiles are prepared once in a cache: GIGATILE_CACHE_DIR, GIGATILE_CACHE_LIMIT (20G), GIGATILE_MAX_FLAT_PIXELS (4G).
Cases without --case lie in the data folder (GIGATILE_DATA_DIR, else the system's place for application data).
`;
