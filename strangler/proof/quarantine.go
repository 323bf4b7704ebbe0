package proof

import (
	"bytes"
	"strings"

	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// quarantined compares the image that is kept of a row with the row.
func (e *examiner) quarantined(c *chunk, b *books, i int, r ledger.Row, out mapping.Output) {
	e.found.compared(Held, 1)
	in := c.inputs[i]
	h, ok := b.held[string(c.keys[i])]
	if !ok {
		e.found.differ(Held, c.mp.Table, in.Row.KeyText(), "the ledger says that it is in quarantine, and it is not there")
		return
	}
	why := out.Refused
	if why == nil && !ofStore(h) {
		why = c.mp.Verify(in, out)
	}
	switch {
	case why == nil && !ofStore(h):
		e.found.differ(Held, c.mp.Table, in.Row.KeyText(), "it is in quarantine, and the mapping does not refuse it")
	case why != nil:
		e.reason(c.mp.Table, in.Row, h, *why)
	}
	e.booked(c.mp.Table, in.Row, h, r)
	e.image(h, c.mp.Table, c.full[i], ownedRows(c.mp, in))
}

// reason compares why a row is kept with why it is refused now.
func (e *examiner) reason(table string, row source.Row, h ledger.Held, why mapping.Refusal) {
	for _, x := range [...]struct{ what, kept, now string }{
		{"rule", h.Rule, why.Rule}, {"place", h.Path, why.Path}, {"reason", h.Reason, why.Code + ": " + why.Text},
	} {
		if x.kept != x.now {
			e.found.differ(Held, table, row.KeyText(), "the "+x.what+" that is kept of it in quarantine is not that for which it is refused")
		}
	}
}

// booked compares the reason that the ledger gives with that in quarantine.
func (e *examiner) booked(table string, row source.Row, h ledger.Held, r ledger.Row) {
	if !strings.HasPrefix(h.Reason, e.names.Name(r.Reason)+": ") {
		e.found.differ(Books, table, row.KeyText(), "the ledger gives another reason than quarantine")
	}
}

// ofStore reports whether it was the store or the sweep that refused the row, not the mapping.
func ofStore(h ledger.Held) bool { return h.Rule == "store" || h.Rule == "sweep" }

// image compares a kept image with the rows.
func (e *examiner) image(h ledger.Held, table string, key []byte, rows []source.Row) {
	f, err := ledger.OpenImage(e.Sealer, e.Tenant, table, key, h.Image)
	if err != nil {
		e.found.differ(Held, table, rows[0].KeyText(), "its image in quarantine cannot be opened")
		return
	}
	images := append([]ledger.Image{f.Root}, f.Children...)
	if len(images) != len(rows) {
		e.found.differ(Held, table, rows[0].KeyText(), "its image in quarantine has other children")
		return
	}
	for i, r := range rows {
		want, have := source.AppendCells(nil, r.Cells), source.AppendCells(nil, images[i].Cells)
		if images[i].Table != r.Table.String() || !bytes.Equal(want, have) {
			e.found.differ(Held, r.Table.String(), r.KeyText(), "its image in quarantine is another one")
		}
	}
}
