/** Rows as columns: what `unnest` takes, so that one statement with a fixed text writes any number of rows. */
export function columnsOf<Row>(rows: readonly Row[], ...values: ((row: Row) => unknown)[]): unknown[][] {
  return values.map((value) => rows.map(value));
}
