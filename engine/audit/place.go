package audit

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// place is that of an entry in a tenant's record.
type place struct {
	writer  writerID
	counter uint64
	k       int   // which entry of the row
	head    int64 // while the row waits to be sealed: the last block at that time, so that it is found when it has been sealed
	n       int64 // block; 0: the row waits
	row     int   // which row of the block
	seq     int64 // of a row that waits
}

// id names the entry for good: it does not change when the entry is sealed.
func (p place) id() string {
	return hex.EncodeToString(p.writer[:]) + "-" + strconv.FormatUint(p.counter, 36) + "-" + strconv.FormatInt(int64(p.k), 36)
}

func readID(id string) (p place, ok bool) {
	parts := strings.Split(id, "-")
	if len(parts) != 3 {
		return p, false
	}
	w, err := hex.DecodeString(parts[0])
	if err != nil || len(w) != len(p.writer) {
		return p, false
	}
	copy(p.writer[:], w)
	counter, err := strconv.ParseUint(parts[1], 36, 64)
	if err != nil {
		return p, false
	}
	k, err := strconv.ParseInt(parts[2], 36, 32)
	if err != nil || k < 0 {
		return p, false
	}
	p.counter, p.k = counter, int(k)
	return p, p.id() == id
}

// cursor is the place as a text from which a search goes on; readCursor reads it back. What stands in it is a place and
// nothing else, so who makes one up sees no more than by asking.
func (p place) cursor() string {
	if p.n > 0 {
		return strconv.FormatInt(p.n, 36) + "." + strconv.Itoa(p.row) + "." + strconv.Itoa(p.k)
	}
	return "w." + strconv.FormatInt(p.head, 36) + "." + p.id()
}

func readCursor(text string) (p place, err error) {
	wrong := fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "this is no cursor of a search of the audit; begin anew"})
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return p, wrong
	}
	if parts[0] == "w" {
		p, ok := readID(parts[2])
		head, err := strconv.ParseInt(parts[1], 36, 64)
		if p.head = head; !ok || err != nil {
			return p, wrong
		}
		return p, nil
	}
	n, failed := strconv.ParseInt(parts[0], 36, 64)
	row, failedToo := strconv.Atoi(parts[1])
	k, failedAsWell := strconv.Atoi(parts[2])
	if failed != nil || failedToo != nil || failedAsWell != nil || n < 1 || row < 0 || k < 0 {
		return p, wrong
	}
	return place{n: n, row: row, k: k}, nil
}
