/** YAML to data, by the parser that the formatter has anyway: mappings, sequences and scalars are all that is needed. */
import { parsers } from 'prettier/plugins/yaml';

interface Node {
  type: string;
  value?: string;
  children?: (Node | null)[];
}

export type Yaml = string | number | boolean | null | Yaml[] | { [key: string]: Yaml };

const only = (node: Node, type?: string): Node | null =>
  (node.children ?? []).find((child) => child !== null && (type === undefined || child.type === type)) ??
  null;

function plain(text: string): Yaml {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null' || text === '~') return null;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function toData(node: Node | null): Yaml {
  if (node === null) return null;
  switch (node.type) {
    case 'none':
      return null;
    case 'plain':
      return plain(node.value ?? '');
    case 'quoteSingle':
    case 'quoteDouble':
      return node.value ?? '';
    case 'sequence':
    case 'flowSequence':
      return node.children!.map((item) =>
        toData(item !== null && item.type.endsWith('Item') ? only(item) : item),
      );
    case 'mapping':
    case 'flowMapping':
      return Object.fromEntries(
        node.children!.map((item) => [
          only(only(item!, 'mappingKey')!)?.value ?? '',
          toData(only(only(item!, 'mappingValue') ?? { type: 'none' })),
        ]),
      );
    default:
      throw new Error(`${node.type} is not read here`);
  }
}

export async function readYaml(text: string): Promise<Yaml> {
  // Prettier passes more than one parser needs; this one reads the text alone.
  const root = (await parsers.yaml.parse(text, {} as never)) as Node;
  const body = only(only(root, 'document')!, 'documentBody')!;
  return toData((body.children ?? []).find((child) => child !== null && child.type !== 'comment') ?? null);
}
