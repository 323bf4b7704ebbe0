package proof

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/event"
)

// witness compares what is stored with those who saw it written: the audit record, whose entries nobody can make up
// without its key, and the outbox. All three were written in one transaction, so each version, of whatever resource and
// whoever wrote it, stands in all of them, and nothing else does.
func (p *prover) witness(ctx context.Context) error {
	if err := p.record(ctx); err != nil {
		return err
	}
	key := p.Sealer.Derive("proof tally")
	w := &witness{prover: p, tally: tally{seed: binary.LittleEndian.Uint64(key[:])}}
	err := p.DB.Read(ctx, func(tx db.Tx) error {
		if err := w.compare(ctx, tx); err != nil || w.equal() {
			return err
		}
		w.closer, w.counts = true, map[statement]int{}
		return w.listen(ctx, tx)
	})
	w.report()
	if unreadable(ctx, err) {
		p.found.differ(Witness, "", "", "the audit record cannot be read to its end, and what it says was not compared")
		err = nil
	}
	if err != nil {
		return err
	}
	return p.leftovers(ctx, w.holders)
}

// record verifies the audit record itself.
func (p *prover) record(ctx context.Context) error {
	report, err := audit.Verify(ctx, p.DB, p.AuditKeys, p.Tenant, p.Anchor)
	if err != nil {
		return err
	}
	for _, x := range report.Problems {
		p.found.differ(Witness, "", "", string(x.Harm)+": "+x.Text)
	}
	return nil
}

// witness is a tally of what everyone says.
type witness struct {
	*prover
	tally
	holders []store.Stored // rows that hold no version
}

// compare hears everyone once, and checks what needs no comparison.
func (w *witness) compare(ctx context.Context, tx db.Tx) error {
	if err := w.listen(ctx, tx); err != nil {
		return err
	}
	ok, err := w.Store.CheckNumbers(ctx, tx, w.Tenant)
	if err != nil {
		return err
	}
	if !ok {
		w.found.differ(Versions, "", "", "the counter would give numbers of resources a second time")
	}
	wrong, err := outbox.Check(ctx, tx)
	for _, what := range wrong {
		w.found.differ(Outbox, "", "", what)
	}
	return err
}

func (w *witness) listen(ctx context.Context, tx db.Tx) error {
	if err := audit.Scan(ctx, tx, w.Tenant, w.entry); err != nil {
		return err
	}
	if err := w.Store.Rows(ctx, tx, w.Tenant, w.row); err != nil {
		return err
	}
	if err := w.Store.Stamps(ctx, tx, w.Tenant, w.stamp); err != nil {
		return err
	}
	return outbox.Scan(ctx, tx, w.Tenant, w.event)
}

func verbOf(action string) string {
	switch action {
	case "create":
		return event.VerbCreated
	case "update":
		return event.VerbUpdated
	case "delete":
		return event.VerbDeleted
	}
	return ""
}

// entry takes what the audit record says. Things without a mark are records, which have no event.
func (w *witness) entry(e audit.Entry) error {
	verb := verbOf(e.Action)
	if e.Outcome != audit.Success || verb == "" && e.Action != "emit" {
		return nil
	}
	for _, t := range e.Things {
		mark, replayed := store.SplitMark(t.Mark)
		switch {
		case verb == "":
			w.add(statement{emitted, t.Type, t.ID, int64(t.Version), t.Mark})
			continue
		case t.Version == 0:
			continue // not of the store: tokens and the like
		case mark != 0:
			w.add(statement{emitted, t.Type, t.ID, int64(t.Version), verbMark(verb, replayed)})
		}
		w.add(statement{written, t.Type, t.ID, int64(t.Version), mark})
		w.counted(Witness)
	}
	return nil
}

func (w *witness) counted(check string) {
	if !w.closer {
		w.found.compared(check, 1)
	}
}

// verbMark is what the audit record says of a version's event: what happened, and whether long ago.
func verbMark(verb string, replayed bool) uint64 {
	n := uint64(len(verb))<<8 | uint64(verb[0])
	if replayed {
		n |= 1 << 32
	}
	return n
}

// row takes what is stored. Whether a write was replayed is not stored with the version, and is compared with the event.
func (w *witness) row(r *store.Stored) error {
	if r.Number <= 0 && r.Current {
		if !w.closer {
			w.holders = append(w.holders, *r)
		}
		return nil
	}
	w.drop(statement{written, r.Type, r.ID, r.Number, r.Mark(false)})
	w.add(statement{told, r.Type, r.ID, r.Number, uint64(r.RID)*31 + uint64(r.Updated.UnixMicro())})
	return nil
}

// mostWrites is beyond what a record can have been written: more is no number that the store gave.
const mostWrites = 1 << 24

func (w *witness) stamp(name, id string, version int64) error {
	if version < 1 || version > mostWrites {
		w.drop(statement{written, name, id, version, 0})
		return nil
	}
	for v := int64(1); v <= version; v++ {
		w.drop(statement{written, name, id, v, 0})
	}
	return nil
}

// event takes what the outbox says. An event that is not of a version was emitted by somebody.
func (w *witness) event(e event.Event) error {
	w.counted(Outbox)
	typ, verb := event.Split(e.Name)
	if typ != e.Type || e.Version == 0 || verb != event.VerbCreated && verb != event.VerbUpdated && verb != event.VerbDeleted {
		w.drop(statement{emitted, e.Type, e.ID, int64(e.Version), store.EventMark(&e)})
		return nil
	}
	w.drop(statement{emitted, e.Type, e.ID, int64(e.Version), verbMark(verb, e.Replayed)})
	at := uint64(e.RID)*31 + uint64(e.At.UnixMicro())
	if e.Payload != nil {
		at++ // a version's event has none
	}
	w.drop(statement{told, e.Type, e.ID, int64(e.Version), at})
	return nil
}

// version names a version of a pairing, whatever is said of it.
type version struct {
	typ, id string
	number  int64
}

// report tells what one side says and the other does not.
func (w *witness) report() {
	var sides [pairings]map[version][2]bool
	for i := range sides {
		sides[i] = map[version][2]bool{}
	}
	for s, n := range w.counts {
		v := version{s.typ, s.id, s.version}
		both := sides[s.of][v]
		both[0], both[1] = both[0] || n > 0, both[1] || n < 0
		sides[s.of][v] = both
	}
	for of, list := range sides {
		for v, said := range list {
			if _, known := sides[emitted][v]; pairing(of) == told && known {
				continue // it is told already
			}
			w.tell(pairing(of), v, said)
		}
	}
}

func (w *witness) tell(of pairing, v version, said [2]bool) {
	check, texts := Witness, [...]string{"version %d was written, as the audit record says, and is not there", "version %d is there, and the audit record does not say that it was written",
		"version %d is not as it was written: number, method or instant are other ones"}
	if of != written {
		check, texts = Outbox, [...]string{"the outbox has no event of version %d", "the outbox tells of version %d, which nobody wrote", "the outbox tells something else of version %d"}
	}
	i := 2
	if said[0] != said[1] {
		i = 0
		if said[1] {
			i = 1
		}
	}
	w.found.differ(check, "", v.typ+"/"+v.id, fmt.Sprintf(texts[i], v.number))
}
