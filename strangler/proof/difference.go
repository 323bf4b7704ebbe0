package proof

// Difference is one place in which the store is not what the source says. It names rows by their keys and columns and
// elements by their names; it holds no value.
type Difference struct {
	Check string `json:"check"`
	Table string `json:"table"`
	Key   string `json:"key"`
	What  string `json:"what"`
}

// The checks.
const (
	RowSpace      = "row space"      // the inverse mapping over what the store returns equals the source row
	ResourceSpace = "resource space" // the mapping over the source row equals what is stored
	IndexRows     = "index"          // the index rows equal those computed from the stored body
	GoldenRows    = "golden rows"    // the pack maps its own examples as it should
	Books         = "ledger"         // every row of the source stands in the ledger as it is, and nothing else does
	Held          = "quarantine"     // the images in quarantine are the rows of the source
	Extras        = "extra targets"  // nothing in the store claims a legacy row that is not its own
	Versions      = "versions"       // versions and history are as the move left them
	Witness       = "audit"          // what was written, as the audit record says, is what is stored, and nothing else is
	Outbox        = "outbox"         // the outbox tells of every version, of nothing else, and in numbers without a gap
)

// Names of checks in the order in which a certificate lists them.
func checkNames() []string {
	return []string{RowSpace, ResourceSpace, IndexRows, GoldenRows, Books, Held, Extras, Versions, Witness, Outbox}
}
