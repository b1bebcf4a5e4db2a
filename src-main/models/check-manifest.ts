/** What the schema of gigatile.json cannot say: fields that contradict each other. */
import type { ModelManifest } from '../contract/model.ts';
import { inputProblem as moreInputProblem } from './input/input-problem.ts';
import { valueNames } from './segment/value-map.ts';

export interface ManifestProblem {
  field: string;
  message: string;
  hint: string;
}

/** The first contradiction, or null. */
export function manifestProblem(manifest: ModelManifest): ManifestProblem | null {
  if (manifest.remote !== undefined)
    return remoteProblem(manifest) ?? inputProblem(manifest) ?? colorProblem(manifest);
  return (
    filesProblem(manifest) ??
    inputProblem(manifest) ??
    moreInputProblem(manifest) ??
    outputsProblem(manifest) ??
    boxesProblem(manifest) ??
    colorProblem(manifest)
  );
}

/** A model on another computer has no tensors: it finds objects, in pictures of red, green and blue (or grey) of 8 bits. */
function remoteProblem({
  task,
  input,
  files,
  outputs,
  classes,
  backgroundClass,
}: ModelManifest): ManifestProblem | null {
  if (task !== 'detect') {
    return {
      field: 'task',
      message: `a remote model finds objects, and task is ${task}`,
      hint: 'Say detect.',
    };
  }
  if (files.length !== 1 || files[0]?.file !== 'gigatile.json') {
    return {
      field: 'files',
      message: 'a remote model has no file but its description',
      hint: 'Say [{ "file": "gigatile.json", "imageTypes": ["uint8"] }].',
    };
  }
  if (input.dtype !== 'uint8' || (input.bands.length !== 1 && input.bands.length !== 3)) {
    return {
      field: 'input',
      message: 'what is sent is a picture of one or three bands of uint8',
      hint: 'Say dtype "uint8" and bands ["red", "green", "blue"].',
    };
  }
  if (input.fixedSize || input.resize !== undefined) {
    return {
      field: 'input',
      message: 'a remote model takes tiles of any size',
      hint: 'Say fixedSize false, without resize; remote.imageEdge bounds what is sent.',
    };
  }
  const unknown = Object.keys(outputs).find((key) => key !== 'tileValues');
  const value = outputs.tileValues?.names.find((name) => name !== 'objects' && name !== 'confidence');
  if (unknown !== undefined || value !== undefined) {
    return {
      field: 'outputs',
      message: `a remote model has no ${unknown ?? `value "${value}"`}`,
      hint: 'Its tileValues can be objects (how many) and confidence (of the surest one).',
    };
  }
  if (backgroundClass !== null && (backgroundClass >= classes.length || classes.length < 2)) {
    return { field: 'backgroundClass', message: `there is no class ${backgroundClass}`, hint: 'Say null.' };
  }
  const names = classes.map(({ name }) => name.toLowerCase());
  if (new Set(names).size === names.length) return null;
  return { field: 'classes', message: 'two classes have one name', hint: 'Give each its own.' };
}

function filesProblem({ files }: ModelManifest): ManifestProblem | null {
  // A name with a folder in it could lead anywhere on the disk.
  const outside = files.find((f) => /[\\/]/.test(f.file) || f.file === '..');
  if (outside === undefined) return null;
  return {
    field: 'files',
    message: `"${outside.file}" lies outside the model's folder`,
    hint: 'Name a file in the same folder, without a path.',
  };
}

function inputProblem({ input, files, halo }: ModelManifest): ManifestProblem | null {
  if (new Set(input.bands).size !== input.bands.length) {
    return { field: 'input.bands', message: 'a band is named twice', hint: 'Name each band once.' };
  }
  for (const key of ['mean', 'std'] as const) {
    const values = input[key];
    if (values !== undefined && values.length !== input.bands.length) {
      return {
        field: `input.${key}`,
        message: `${values.length} numbers for ${input.bands.length} bands`,
        hint: 'Give one number for each band.',
      };
    }
  }
  if (input.std?.some((v) => v === 0) === true) {
    return { field: 'input.std', message: 'a number is 0', hint: 'Pixels are divided by it: give another.' };
  }
  const scaled = input.scale !== undefined || input.mean !== undefined || input.std !== undefined;
  for (const file of files) {
    const dtype = file.dtype ?? input.dtype;
    const isFloat = dtype === 'float32' || dtype === 'float16';
    if (scaled && !isFloat) {
      return {
        field: 'input',
        message: `scale, mean and std need a float32 or float16 input, and ${file.file} takes ${dtype}`,
        hint: 'Remove them, or correct dtype.',
      };
    }
    const wrong = file.imageTypes.find((type) => !isFloat && type !== dtype);
    if (wrong !== undefined) {
      return {
        field: 'files',
        message: `${file.file} takes ${dtype} and cannot be given an image of ${wrong}`,
        hint: 'Correct imageTypes or dtype.',
      };
    }
  }
  if (2 * halo >= input.tileSize) {
    return {
      field: 'halo',
      message: `a halo of ${halo} px on both sides leaves nothing of a tile of ${input.tileSize} px`,
      hint: 'Make tileSize larger than twice the halo.',
    };
  }
  return null;
}

function outputsProblem({ task, outputs, classes, backgroundClass }: ModelManifest): ManifestProblem | null {
  const needed: Record<ModelManifest['task'], readonly (keyof typeof outputs)[]> = {
    detect: ['boxes', 'detections'],
    segment: ['classMap', 'labels', 'probability', 'classFractions'],
    classify: ['classFractions'],
    regress: ['tileValues', 'valueMap'],
  };
  if (!needed[task].some((key) => outputs[key] !== undefined)) {
    return {
      field: 'outputs',
      message: `task ${task} needs the output ${needed[task].join(' or ')}`,
      hint: 'Name the output tensor of the ONNX file.',
    };
  }
  if (outputs.probability !== undefined && classes.length !== 2) {
    return {
      field: 'classes',
      message: `a probability output tells two classes apart, and ${classes.length} are named`,
      hint: 'Name two classes: index 1 is where the probability is above the threshold.',
    };
  }
  if (backgroundClass !== null && backgroundClass >= classes.length) {
    return {
      field: 'backgroundClass',
      message: `there is no class ${backgroundClass}`,
      hint: `Give an index from 0 to ${classes.length - 1}, or null.`,
    };
  }
  return null;
}

type BoxForm = NonNullable<ModelManifest['outputs']['boxes']>['form'];

/** Further tensors that a form of boxes consists of. */
const boxParts: Partial<Record<BoxForm, readonly ('scores' | 'labels')[]>> = {
  'boxes-scores-classes': ['scores', 'labels'],
  'dets-labels': ['labels'],
  'rf-detr': ['labels'],
  'priors-normalised': ['scores'],
};

function boxesProblem({ outputs: { boxes } }: ModelManifest): ManifestProblem | null {
  if (boxes === undefined) return null;
  const needed = boxParts[boxes.form] ?? [];
  for (const part of ['scores', 'labels'] as const) {
    if ((boxes[part] !== undefined) === needed.includes(part)) continue;
    return {
      field: `outputs.boxes.${part}`,
      message: needed.includes(part)
        ? `boxes of the form ${boxes.form} have ${part} in an output of their own, and none is named`
        : `boxes of the form ${boxes.form} have no ${part} in an output of their own`,
      hint: needed.includes(part)
        ? 'Name that output tensor of the ONNX file.'
        : 'Remove it, or correct form.',
    };
  }
  return null;
}

function colorProblem({ task, tileColor, outputs }: ModelManifest): ManifestProblem | null {
  if (tileColor.by === 'density' && task !== 'detect') {
    return {
      field: 'tileColor',
      message: `density needs task detect, not ${task}`,
      hint: 'Use class or value.',
    };
  }
  if (tileColor.by === 'class' && task !== 'segment' && task !== 'classify') {
    return {
      field: 'tileColor',
      message: `class needs task segment or classify, not ${task}`,
      hint: 'Use density or value.',
    };
  }
  if (tileColor.by === 'value' && !valueNames({ outputs }).includes(tileColor.value)) {
    return {
      field: 'tileColor.value',
      message: `"${tileColor.value}" is none of the names of outputs.tileValues and outputs.valueMap`,
      hint: 'Use one of those names.',
    };
  }
  return null;
}
