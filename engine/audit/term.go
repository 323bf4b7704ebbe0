package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
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

// hasher gives terms as the database has them: who has no key cannot tell what they are. Two that have the same hash cost a
// search the look at a block.
type hasher struct{ keyed hash.Hash }

func newHasher(key [32]byte, tenant int32) hasher {
	k := keyed(key, "ficus audit post key 2", tenant)
	return hasher{hmac.New(sha256.New, k.Sum(nil))}
}

func (h hasher) hash(t term) uint32 {
	h.keyed.Reset()
	h.keyed.Write([]byte(t.kind + " " + strconv.Itoa(len(t.text)) + " " + t.text))
	return binary.BigEndian.Uint32(h.keyed.Sum(nil))
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
