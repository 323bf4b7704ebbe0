package store

import (
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/search"
)

// Words of narrative and content have no index rows: they would cost more than all others together, and they say what a
// patient has. A search for words opens the bodies of what else matches and reads them,
// for as long as the request has time. In the order of creation the page then ends early, with a cursor.

// reader says whether a resource has the words that are asked for, or meets what is asked beside them.
type reader struct {
	form    search.Form
	sub     []reader
	phrase  index.Phrase
	content bool
	beside  *predicate // what the index answers, joined to words by or or not; nil: words
}

// spelled reads a condition on words.
func (c *compiler) spelled(k search.Clause) (r reader, err error) {
	r.form, r.content = k.Form, k.Code == "_content"
	if !onWords(k) {
		list, err := c.clauses([]search.Clause{k})
		if err != nil {
			return r, err
		}
		return reader{beside: &list[0]}, nil
	}
	if k.Form == search.Compare {
		phrase, ok := index.NewPhrase(k.Values[0].Text)
		if !ok {
			return r, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "search parameter " + k.Code + " must have a letter or digit in each word", Expression: "http." + k.Code})
		}
		r.phrase = phrase
		return r, nil
	}
	for _, sub := range k.Sub {
		one, err := c.spelled(sub)
		if err != nil {
			return r, err
		}
		r.sub = append(r.sub, one)
	}
	return r, nil
}

// apart parts the conditions on words from those that the index answers.
func apart(list []search.Clause) (indexed, spelled []search.Clause) {
	for _, k := range list {
		switch {
		case k.Form == search.All && slices.ContainsFunc(k.Sub, onWords) && !allOnWords(k):
			a, b := apart(k.Sub)
			indexed, spelled = append(indexed, a...), append(spelled, b...)
		case onWords(k):
			spelled = append(spelled, k)
		default:
			indexed = append(indexed, k)
		}
	}
	return indexed, spelled
}

// onWords reports whether a condition asks for words anywhere, outside of joins.
func onWords(k search.Clause) bool {
	if k.Form == search.Compare {
		return wordy(k)
	}
	return k.Form != search.Join && slices.ContainsFunc(k.Sub, onWords)
}

// allOnWords reports whether it asks for nothing else.
func allOnWords(k search.Clause) bool {
	if k.Form == search.Compare {
		return wordy(k)
	}
	return k.Form != search.Join && len(k.Sub) > 0 && !slices.ContainsFunc(k.Sub, func(x search.Clause) bool { return !allOnWords(x) })
}

func wordy(k search.Clause) bool {
	return (k.Code == "_text" || k.Code == "_content") && k.Modifier == search.NoModifier
}

// told is what a resource says, read once.
type told struct {
	r                  fhir.Resource
	rid                int64
	met                verdicts
	narrative, content [][]string
	read               [2]bool
}

func (t *told) texts(content bool) [][]string {
	switch {
	case content && !t.read[1]:
		t.content, t.read[1] = index.Content(t.r), true
	case !content && !t.read[0]:
		t.narrative, t.read[0] = index.Narrative(t.r), true
	}
	if content {
		return t.content
	}
	return t.narrative
}

func (r reader) finds(t *told) bool {
	if r.beside != nil {
		return t.met[r.beside][t.rid]
	}
	finds := func(sub reader) bool { return sub.finds(t) }
	switch r.form {
	case search.All:
		return !slices.ContainsFunc(r.sub, func(sub reader) bool { return !sub.finds(t) })
	case search.Any:
		return slices.ContainsFunc(r.sub, finds)
	case search.None:
		return !slices.ContainsFunc(r.sub, finds)
	}
	return r.phrase.In(t.texts(r.content))
}

// verdicts are the numbers of the resources that meet what is asked beside words.
type verdicts map[*predicate]map[int64]bool

// settle asks the index of some resources what is asked beside words.
func (f *finder) settle(rids []int64) (verdicts, error) {
	met := verdicts{}
	for _, p := range besides(f.words) {
		st := newStatement(f.s.db.Dialect(), f.k.tenant)
		st.add("SELECT c.rid FROM resource c WHERE c.tenant = $1").tests([]test{within("x.rid", rids)}, "c").filter(*p, "c.rid")
		met[p] = map[int64]bool{}
		err := f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
			met[p][r.Int64(0)] = true
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return met, nil
}

func besides(list []reader) (out []*predicate) {
	for _, r := range list {
		if r.beside != nil {
			out = append(out, r.beside)
		}
		out = append(out, besides(r.sub)...)
	}
	return out
}

// says reports whether a body has all words that the search asks for.
func (f *finder) says(rid int64, plain []byte, met verdicts) (bool, error) {
	if len(f.words) == 0 {
		return true, nil
	}
	raw := index.NewRaw(plain)
	if slices.ContainsFunc(f.words, func(w reader) bool { return !w.may(raw) }) {
		return false, nil
	}
	r, err := stored(plain)
	if err != nil {
		return false, err
	}
	return f.tells(&told{r: r, rid: rid, met: met}), nil
}

// may is false if a resource does not meet the condition for certain, as its bytes alone tell.
func (r reader) may(raw index.Raw) bool {
	may := func(sub reader) bool { return sub.may(raw) }
	switch {
	case r.beside != nil || r.form == search.None:
		return true
	case r.form == search.All:
		return !slices.ContainsFunc(r.sub, func(sub reader) bool { return !sub.may(raw) })
	case r.form == search.Any:
		return slices.ContainsFunc(r.sub, may)
	}
	return r.phrase.Within(raw)
}

func (f *finder) tells(t *told) bool {
	return !slices.ContainsFunc(f.words, func(w reader) bool { return !w.finds(t) })
}

// scan reads until the page is full, or half the time has passed.
func (f *finder) scan() (hits []hit, err error) {
	paused, err := f.through(0, func(h hit) (bool, error) {
		hits = append(hits, h)
		return len(hits) <= f.limit, nil
	})
	if err == nil && paused > 0 && !f.pauses {
		err = f.late()
	}
	if err != nil {
		return nil, err
	}
	f.paused = position{rid: paused}
	return hits, nil
}

// through goes through what else matches in the order of creation and hands on what has the words, as long as more is wanted.
// paused is the last resource that was looked at where there was no time for more, or most (0: any number) were read; else 0.
func (f *finder) through(most int, take func(hit) (more bool, err error)) (paused int64, err error) {
	patience := f.patience()
	s, err := f.sift(f.at.rid)
	if most == 0 { // a word that many have fills the page soon
		s.open = min(max(firstReadings, 2*f.limit), readings)
	}
	for read := readings; err == nil; read += readings {
		more, err := f.takeNext(s, take)
		if err != nil || !more || !s.more() {
			return 0, err
		}
		if most > 0 && read >= most || f.pauses && f.over(patience.half) || f.over(patience.end) {
			return s.after, nil
		}
	}
	return 0, err
}

func (f *finder) takeNext(s *sifting, take func(hit) (bool, error)) (more bool, err error) {
	list, err := s.next()
	f.spent.opened += len(list)
	if err == nil {
		list, err = f.spoken(list)
	}
	if err != nil {
		return false, err
	}
	hits, err := f.weighedHits(list)
	for _, h := range hits {
		if more, err = take(h); err != nil || !more {
			return false, err
		}
	}
	return true, err
}

// worded is the parameter that asks for words.
func (f *finder) worded() string {
	if slices.ContainsFunc(f.words, reader.reads) {
		return "_content"
	}
	return "_text"
}

// reads reports whether the content is asked for, not only the narrative.
func (r reader) reads() bool { return r.content || slices.ContainsFunc(r.sub, reader.reads) }

// spoken keeps the matches that have the words.
func (f *finder) spoken(all []weighed) ([]weighed, error) {
	if len(f.words) == 0 || len(all) == 0 {
		return all, nil
	}
	rids := make([]int64, len(all))
	for i, w := range all {
		rids[i] = w.RID
	}
	met, err := f.settle(rids)
	if err != nil {
		return nil, err
	}
	keep, errs, todo := make([]bool, len(all)), make([]error, len(all)), make([]func(), len(all))
	for i, w := range all {
		todo[i] = func() {
			if all[i].Body, errs[i] = f.k.open(w.RID, w.Number, w.sealed); errs[i] == nil {
				keep[i], errs[i] = f.says(w.RID, all[i].Body, met)
			}
		}
	}
	run(todo)
	out := all[:0]
	for i, w := range all {
		if keep[i] {
			out = append(out, w)
		}
	}
	return out, first(nil, errs)
}
