export default { words: {}, findings: {}, phrases: {} };
