/** Values held against types as documents write them: what is documented is what is tested. */
import ts from 'typescript';

type Check = (value: unknown, at: string) => string[];

/** Types by name, from the `ts` blocks of a document. */
export class DocumentedTypes {
  #types = new Map<string, ts.InterfaceDeclaration>();

  constructor(markdown: string) {
    for (const [, block = ''] of markdown.matchAll(/^```ts\n(.*?)^```$/gms)) {
      for (const statement of parse(block).statements) {
        if (ts.isInterfaceDeclaration(statement)) this.#types.set(statement.name.text, statement);
      }
    }
  }

  get names(): string[] {
    return [...this.#types.keys()];
  }

  /** What in the value is not as the type has it; each key that it does not name as well. */
  faults(value: unknown, type: string): string[] {
    const [statement] = parse(`type X = ${type};`).statements;
    if (!statement || !ts.isTypeAliasDeclaration(statement)) throw new Error(`no type: ${type}`);
    return this.#check(statement.type)(value, '$');
  }

  #check(type: ts.TypeNode): Check {
    const expected = (good: (value: unknown) => boolean): Check => {
      return (value, at) => {
        return good(value) ? [] : [`${at}: ${JSON.stringify(value)} is no ${type.getText()}`];
      };
    };
    if (ts.isParenthesizedTypeNode(type)) return this.#check(type.type);
    if (ts.isTypeLiteralNode(type)) return this.#object(type.members);
    if (ts.isUnionTypeNode(type)) {
      const checks = type.types.map((each) => this.#check(each));
      return (value, at) => {
        const faults = checks.map((check) => check(value, at));
        // The nearest tells most.
        return faults.sort((a, b) => a.length - b.length)[0] ?? [];
      };
    }
    if (ts.isArrayTypeNode(type)) {
      const check = this.#check(type.elementType);
      return (value, at) => {
        if (!Array.isArray(value)) return [`${at}: ${JSON.stringify(value)} is no array`];
        return value.flatMap((each, i) => check(each, `${at}[${i}]`));
      };
    }
    if (ts.isLiteralTypeNode(type)) {
      const { literal } = type;
      if (literal.kind === ts.SyntaxKind.NullKeyword) return expected((value) => value === null);
      if (ts.isStringLiteral(literal)) return expected((value) => value === literal.text);
    }
    if (ts.isTypeReferenceNode(type)) {
      const name = type.typeName.getText();
      const declared = this.#types.get(name);
      if (declared) return this.#object(declared.members);
      const item = name === 'Record' ? type.typeArguments?.[1] : undefined;
      if (item) {
        const check = this.#check(item);
        return (value, at) => {
          if (!isObject(value)) return [`${at}: ${JSON.stringify(value)} is no object`];
          return Object.entries(value).flatMap(([key, each]) => check(each, `${at}.${key}`));
        };
      }
    }
    switch (type.kind) {
      case ts.SyntaxKind.StringKeyword:
        return expected((value) => typeof value === 'string');
      case ts.SyntaxKind.NumberKeyword:
        return expected((value) => typeof value === 'number');
      case ts.SyntaxKind.UnknownKeyword:
        return () => [];
      case ts.SyntaxKind.BooleanKeyword:
        return expected((value) => typeof value === 'boolean');
      default:
        throw new Error(`documents use no such type yet: ${type.getText()}`);
    }
  }

  #object(members: ts.NodeArray<ts.TypeElement>): Check {
    const fields = members.map((member) => {
      if (!ts.isPropertySignature(member) || !member.type) throw new Error(member.getText());
      const optional = member.questionToken !== undefined;
      return { name: member.name.getText(), optional, check: this.#check(member.type) };
    });
    return (value, at) => {
      if (!isObject(value)) return [`${at}: ${JSON.stringify(value)} is no object`];
      const unknown = Object.keys(value).filter((key) => fields.every(({ name }) => name !== key));
      return [
        ...unknown.map((key) => `${at}.${key} is not documented`),
        ...fields.flatMap(({ name, optional, check }) => {
          if (name in value) return check(value[name], `${at}.${name}`);
          return optional ? [] : [`${at}.${name} is missing`];
        }),
      ];
    };
  }
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('document.ts', text, ts.ScriptTarget.Latest, true);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
