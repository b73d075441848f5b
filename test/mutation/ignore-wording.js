/** An error's words are for people. What code acts on, its kind, reason and field, is mutated. */
const wording = {
  shouldIgnore({ node, parent, listKey }) {
    const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
    const isLast = listKey === 'arguments' && parent.arguments.at(-1) === node;
    const isMessage = isLast && parent.type === 'NewExpression' && /Error$/.test(parent.callee.name);
    const isWording = parent?.type === 'ObjectProperty' && ['zh', 'en'].includes(parent.key.name);
    return isText && (isMessage || isWording) ? 'the wording of an error' : undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'wording', value: wording }];
