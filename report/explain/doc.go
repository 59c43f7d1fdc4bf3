// Package explain answers questions about one thing from a published snapshot: whose is this resource, what came of this tracking id,
// request or deployment, what is missing. It reads the snapshot only, never the ledger, so it neither waits for a run nor makes one wait.
//
// What it asks is SQL in queries/explain; here the answers are put together, and said in one sentence first. Customers who opted out are
// not in a snapshot: of what is theirs nothing is known here.
package explain
