// The folder that is tried is a temporary one, and Next itself is elsewhere.
export default { turbopack: { root: "/" } };
