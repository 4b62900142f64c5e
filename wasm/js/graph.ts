/** What can be asked about the graph of nodes and edges, and what it answers. */

import type { Edge, Node } from "./types.ts";

/** Which edges and nodes count. */
export interface GraphPart {
  /** Only edges with one of these labels. */
  labels?: string | readonly string[];
  /** Only enter nodes of one of these types. */
  types?: string | readonly string[];
  /** Only enter nodes for which this SQL condition over `id`, `type`, `data` and `updated` holds. */
  where?: string;
  /** Enter at most so many nodes. */
  maxNodes?: number;
  /** Look at at most so many edges. */
  maxEdges?: number;
}

/** A part of the graph, and how to go through it. */
export interface WalkOptions extends GraphPart {
  /** Along edges, which is the default, against them, or both. */
  direction?: "out" | "in" | "both";
  /** At most so many edges one after the other. */
  depth?: number;
}

/** Whether an answer is whole, or which limit kept it from that. */
export interface Bounded {
  complete: boolean;
  stopped: "nodes" | "edges" | null;
}

/** An edge without its data. */
export type EdgeName = Omit<Edge, "data">;

export interface Neighbour {
  id: string;
  label: string;
  key: string;
  /** `out` where the edge leads to the neighbour. */
  direction: "out" | "in";
}

export interface ReachedNode {
  id: string;
  /** The least number of edges from the start. */
  depth: number;
  /** The ids on a way of that length, from the start to this node. */
  path: string[];
  /** The last edge of it; null for the start. */
  edge: EdgeName | null;
}

export interface Route {
  /** The ids on the way, both ends included. */
  nodes: string[];
  edges: EdgeName[];
  /** What each edge costs: 1 without weights. */
  weights: number[];
  cost: number;
}

/** Questions about the graph. */
export interface GraphQuestions {
  /** The nodes next to a node, one for each edge. */
  neighbours(
    id: string,
    options?: Omit<WalkOptions, "depth"> & { limit?: number },
  ): Promise<{ neighbours: Neighbour[] } & Bounded>;
  /** The nodes that can be reached from a node, the nearest first, each once. */
  traverse(start: string, options?: WalkOptions): Promise<{ nodes: ReachedNode[] } & Bounded>;
  /**
   * A way with the fewest edges, or with the least sum of the numbers in the edges' field `weight`. Edges
   * without that field cost `defaultWeight`, and are an error without it.
   */
  shortestPath(
    start: string,
    end: string,
    options?: WalkOptions & { weight?: string; defaultWeight?: number },
  ): Promise<{ route: Route | null } & Bounded>;
  /** Some nodes, those within `depth` of them (by default 1), and all edges between these. */
  subgraph(
    ids: string | readonly string[],
    options?: WalkOptions,
  ): Promise<{ nodes: Node[]; edges: Edge[] } & Bounded>;
  /** The ids of nodes that hang together, whichever way their edges point; the most first. */
  components(options?: GraphPart): Promise<{ components: string[][] } & Bounded>;
  /** How much nodes are pointed to by nodes that are pointed to; the first ones first, together 1. */
  pagerank(
    options?: GraphPart & { damping?: number },
  ): Promise<{ ranks: { id: string; rank: number }[]; iterations: number; converged: boolean } & Bounded>;
}
