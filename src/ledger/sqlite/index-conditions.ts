/** Conditions of partial indexes on `deliveries`, to the letter: SQLite uses such an index only where the query repeats it. */

/** Of `deliveries_stopped`: what is over without having arrived. */
export const stoppedStates = "state <> 'pending' AND state <> 'claimed' AND state <> 'delivered'";
/** Of `deliveries_by_state`: what is on a list. */
export const listedStates = "state <> 'claimed' AND state <> 'delivered'";
