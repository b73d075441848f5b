/** An error's words are for people. What code acts on, its kind, reason and field, is mutated. */
const wording = {
  shouldIgnore({ node, parent, listKey }) {
    const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
    const isLast = listKey === 'arguments' && parent.arguments.at(-1) === node;
    const isMessage = isLast && parent.type === 'NewExpression' && /Error$/.test(parent.callee.name);
    const isIgnored = (isText && (isMessage || isLanguage(parent))) || isWording(node);
    return isIgnored ? 'the wording of an error' : undefined;
  },
};

const isLanguage = (node) => node?.type === 'ObjectProperty' && ['zh', 'en'].includes(node.key.name);

const isWording = ({ type, properties }) =>
  type === 'ObjectExpression' && properties.length === 2 && properties.every(isLanguage);

export const strykerPlugins = [{ kind: 'Ignore', name: 'wording', value: wording }];
