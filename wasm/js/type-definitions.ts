/**
 * What a type says of its fields. Definitions are JSON and spelled the same here, on the command line and in
 * the node `$type/<name>` that holds one.
 */

import type { Value } from "./types.ts";

/** The definition of a type. */
export interface TypeDefinition {
  /** The type's name. */
  name: string;
  /** What it is, for people. */
  description?: string;
  /** The language of its texts, as a BCP 47 tag: `en`, `de`, `pt-BR` and so on: of 17 languages the endings are known. */
  language?: string;
  /** Whether a node may have no other fields. */
  closed?: boolean;
  /** Which version of the definition this is, counted from 1. A lower one does not replace a higher one. */
  version?: number;
  /** The fields at the top of a node. */
  fields?: Record<string, FieldDefinition>;
}

/** How concurrent changes of a field merge; `value`, by the later write, unless said otherwise. */
export type FieldKind = "value" | "counter" | "set" | "text" | "list" | "vector";

/** The type of a value. */
export type ValueType = "any" | "string" | "integer" | "number" | "boolean" | "bytes" | "array" | "object";

/** The values that a field, or an element of a list, may hold. */
export interface ValueShape {
  type?: ValueType;
  /** What they are, for people. */
  description?: string;
  /** Whether null is one of them. */
  nullable?: boolean;
  /** The only ones. */
  enum?: readonly Value[];
  /** The least and the greatest number. */
  minimum?: number | bigint;
  maximum?: number | bigint;
  /** The least and the greatest number of characters, bytes or elements. */
  min_length?: number;
  max_length?: number;
  /** What each element of a list is. */
  items?: ValueShape;
  /** The fields of an object. */
  fields?: Record<string, NestedFieldDefinition>;
  /** Whether the object may have no others. */
  closed?: boolean;
}

/** The definition of a field inside an object. */
export interface NestedFieldDefinition extends ValueShape {
  kind?: FieldKind;
  /** Whether it must be there. */
  required?: boolean;
  /** What it holds where nothing was written. */
  default?: Value;
}

/** The definition of a field at the top of a node. */
export interface FieldDefinition extends NestedFieldDefinition {
  /** Whether queries by it use an index. */
  indexed?: boolean;
  /** Whether two nodes of one value are listed as a violation. */
  unique?: boolean;
  /**
   * Whether it is searched by words, how much what is found here counts, and what is found: `words`, or by `trigram` any part
   * of three characters or more. A type that declares no such field is searched by all of its texts.
   */
  full_text?: boolean | { weight?: number; tokens?: "words" | "trigram" };
  /** Names that it had before. It is read and written under all of them. */
  renamed_from?: readonly string[];
  /** How many numbers a vector has. */
  dimension?: number;
  /** How near two vectors are; `cosine` unless said otherwise. */
  metric?: "cosine" | "dot" | "l2";
  /** The fields whose texts a vector is made of. */
  embed_from?: readonly string[];
}

/** What became of a definition. */
export interface Defined {
  /** `same`: it was there already. `kept`: a later version was there and stays. */
  result: "written" | "same" | "kept";
  /** The version that counts now; 0 where versions are not counted. */
  version: number;
}

/** A JSON Schema, draft 2020-12. What JSON Schema has no word for is under `x-pluresdb`. */
export type JsonSchema = Record<string, unknown>;

/** A rule that a value breaks. */
export type Rule =
  | "required"
  | "type"
  | "kind"
  | "enum"
  | "minimum"
  | "maximum"
  | "min_length"
  | "max_length"
  | "dimension"
  | "direction"
  | "unknown-field"
  | "unique"
  | "definition"
  | "change";

/** What of a node breaks its type. */
export interface Violation {
  /** The field: keys joined by dots, places in lists in brackets. */
  path: string;
  /** The rule. */
  rule: Rule;
  /** What must be, for people. */
  message: string;
  /** The value found as text, cut where it is long; null where there is none. */
  value: string | null;
}

/** What of one node breaks its type. */
export interface NodeViolation extends Violation {
  id: string;
  type: string;
}
