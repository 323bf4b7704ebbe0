package proof

import (
	"sync"

	"github.com/ficushealth/ficus/strangler/ledger"
)

// side is the digests of one table's mapped rows, as the source has them and as they come back from the store, chunk by
// chunk.
type side struct {
	source, target []ledger.Digest
}

// pair is both digests of one chunk of a table.
type pair struct{ source, target ledger.Digest }

// roots are the Merkle roots over the chunks. A chunk without rows on either side is left out.
func (s *side) roots() (source, target ledger.Root) {
	var from, to ledger.Tree
	for i := range s.source {
		if s.source[i].Count+s.target[i].Count > 0 {
			from.Append(s.source[i].Append(nil))
			to.Append(s.target[i].Append(nil))
		}
	}
	return from.Root(), to.Root()
}

// seen counts rows for the progress.
type seen struct {
	mu        sync.Mutex
	done, all int64
}

func (p *prover) tell(rows int) {
	p.seen.mu.Lock()
	p.seen.done += int64(rows)
	done := min(p.seen.done, p.seen.all)
	p.seen.mu.Unlock()
	if p.Progress != nil {
		p.Progress(done, p.seen.all)
	}
}
