/** What flags of `import` may name. In a file that loads nothing: the command line knows its choices at every start. */

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof encodings)[number];

/** Which of two numbers comes first in dates with slashes. */
export const dateOrders = ["dmy", "mdy"] as const;
export type DateOrder = (typeof dateOrders)[number];

/** On what ground leads are kept. */
export const bases = ["consent", "legitimate-interest", "contract"] as const;
export type BasisName = (typeof bases)[number];
