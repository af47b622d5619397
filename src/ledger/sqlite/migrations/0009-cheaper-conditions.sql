-- SQLite works out the list of an IN anew for each row it writes: a third of what settling an attempt cost. Comparing does not.
DROP INDEX deliveries_stopped;
CREATE INDEX deliveries_stopped ON deliveries (destination, person)
  WHERE state <> 'pending' AND state <> 'claimed' AND state <> 'delivered';

DROP INDEX deliveries_by_state;
CREATE INDEX deliveries_by_state ON deliveries (state, destination, lead_id) WHERE state <> 'claimed' AND state <> 'delivered';
