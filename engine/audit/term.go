package audit

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"
)

// term is something by which entries are found: a block is posted under each of those of its entries.
type term struct{ kind, text string }

// The kinds of terms.
const (
	ofSubject  = "subject"
	ofClient   = "client"
	ofAction   = "action"
	ofClass    = "class"    // but R and E, which are nearly everywhere
	ofOutcome  = "outcome"  // but success
	ofCategory = "category" // but data
	ofType     = "type"
	ofThing    = "thing" // Type/id; patients whom an entry is about are things too
	ofRow      = "row"   // a writer and a stretch of its numbers
)

// unlucky is the term of all outcomes but success.
var unlucky = term{ofOutcome, "not success"}

// stretch is how many numbers of a writer share a term: so many blocks at most are looked through for a row.
const stretch = 64

func rowTerm(w writerID, counter uint64) term {
	return term{ofRow, string(binary.BigEndian.AppendUint64(w[:], counter/stretch))}
}

// terms of an entry.
func (e *Entry) terms(add func(term)) {
	add(term{ofSubject, e.Subject})
	add(term{ofClient, e.Client})
	add(term{ofAction, e.Action})
	if c := e.Class(); c != "R" && c != "E" {
		add(term{ofClass, c})
	}
	if e.Outcome != Success {
		add(term{ofOutcome, e.Outcome})
		add(unlucky)
	}
	if c := e.Category(); c != Data {
		add(term{ofCategory, c})
	}
	for _, t := range e.Things {
		add(term{ofType, t.Type})
		if t.ID != "" {
			add(term{ofThing, t.Type + "/" + t.ID})
		}
	}
	for _, id := range e.Patients {
		add(term{ofThing, "Patient/" + id})
	}
}

// hash is the term as the database has it: who has no key cannot tell what it is.
func (t term) hash(key [32]byte, tenant int32) int64 {
	h := keyed(key, "ficus audit post 1", tenant)
	h.Write([]byte(t.kind + " " + strconv.Itoa(len(t.text)) + " " + t.text))
	return int64(binary.BigEndian.Uint64(h.Sum(nil)))
}

// posting is what the index has of a block.
type posting struct {
	n      int64
	hashes []int64 // sorted
	days   []int64
}

const day = 24 * time.Hour

// dayOf counts from 1970 in UTC.
func dayOf(at int64) int64 {
	d := at / day.Microseconds()
	if at%day.Microseconds() < 0 {
		d--
	}
	return d
}

// post makes the posting of block n out of its rows.
func post(key [32]byte, n int64, rows []row) posting {
	terms, days := map[term]bool{}, map[int64]bool{}
	add := func(t term) {
		if t.text != "" {
			terms[t] = true
		}
	}
	tenant := int32(0)
	for i := range rows {
		tenant = rows[i].tenant
		add(rowTerm(rows[i].writer, rows[i].counter))
		_, entries, _ := decodeBody(rows[i].body)
		for k := range entries {
			entries[k].terms(add)
			days[dayOf(entries[k].At.UnixMicro())] = true
		}
	}
	p := posting{n: n, days: slices.Sorted(maps.Keys(days))}
	for t := range terms {
		p.hashes = append(p.hashes, t.hash(key, tenant))
	}
	slices.Sort(p.hashes)
	p.hashes = slices.Compact(p.hashes)
	return p
}
