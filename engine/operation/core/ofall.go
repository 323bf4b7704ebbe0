package core

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// mostPatients is of how many patients one page of $everything of all looks.
const mostPatients = 50

// ofAll is $everything of all patients whom the caller may see, one after the other in the order of a search. Its pages hold as much of
// them as fits; a resource that belongs to several patients is there with each.
func ofAll(ctx context.Context, desk *store.Desk, q store.Everything) (operation.Answer, error) {
	at, err := placeOf(q.Cursor)
	if err != nil {
		return operation.Answer{}, err
	}
	page, most := store.Page{Total: -1}, pageSize(q.Count)
	for range mostPatients {
		if at, err = at.arrive(ctx, desk); err != nil || at.id == "" {
			break
		}
		q.Type, q.ID, q.Cursor, q.Count = "Patient", at.id, at.inside, most-len(page.Entries)
		part, err := desk.Everything(ctx, q)
		if err != nil && !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Gone) { // a patient may go meanwhile
			return operation.Answer{}, err
		}
		page.Entries = append(page.Entries, part.Entries...)
		if at = at.behind(part.Next); at.ended() || len(page.Entries) >= most {
			break
		}
	}
	if !at.ended() {
		page.Next = at.String()
	}
	return operation.Answer{Page: &page}, err
}

func pageSize(count int) int {
	if count <= 0 || count > 1000 {
		return 1000
	}
	return count
}

// spot is where $everything of all patients goes on: inside of one, and behind him at the cursor of a search.
type spot struct {
	id, inside string // "": at a patient who is still to be found
	search     string // cursor of the patients that follow
	begun      bool   // the first search has been asked
}

// spotMark keeps the parts of a spot apart: none of them has it.
const spotMark = ":"

func (s spot) String() string { return strings.Join([]string{s.id, s.inside, s.search}, spotMark) }

func placeOf(cursor string) (spot, error) {
	if cursor == "" {
		return spot{}, nil
	}
	parts := strings.Split(cursor, spotMark)
	if len(parts) != 3 || parts[0] != "" && !fhir.IsID(parts[0]) || parts[0] == "" && parts[2] == "" {
		return spot{}, wrong("_cursor", "one that a link of this operation holds")
	}
	return spot{parts[0], parts[1], parts[2], true}, nil
}

// arrive finds the next patient, if the spot is not inside of one; id "" if there is none. Each search has one patient on
// its page, so that its cursor leads behind him.
func (s spot) arrive(ctx context.Context, desk *store.Desk) (spot, error) {
	if s.id != "" {
		return s, nil
	}
	q, _, err := search.Parse("Patient", []search.Pair{{Name: "_count", Value: "1"}}, search.Strict)
	if err != nil {
		return s, err
	}
	q.Cursor = s.search
	page, err := desk.Search(ctx, q)
	if err != nil || len(page.Entries) == 0 {
		return spot{begun: true}, err
	}
	return spot{page.Entries[0].ID, "", page.Next, true}, nil
}

// behind is the spot after a page of the patient, who goes on at a cursor.
func (s spot) behind(inside string) spot {
	if inside == "" {
		return spot{search: s.search, begun: true}
	}
	return spot{s.id, inside, s.search, true}
}

func (s spot) ended() bool { return s.begun && s.id == "" && s.search == "" }
