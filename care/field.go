package care

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Kind is what a field holds, and how it is written in SQL.
type Kind uint8

// The kinds. Each takes only the one text that it gives back, so nothing is lost on the way.
const (
	Text    Kind = iota // text: UTF-8 without NUL
	Int                 // bigint: decimal, without leading zeros or a plus sign
	Instant             // bigint, microseconds since 1970 UTC: RFC 3339 in the form of fhir.InstantFormat
	Bool                // bool: true or false
	Sealed              // bytea: any text, sealed by the vault for its tenant, record, id and field
)

var kinds = [...]struct{ name, element string }{
	{"text", "text"}, {"int", "int8"}, {"instant", "int8"}, {"bool", "bool"}, {"sealed text", "bytea"},
}

// String is the kind's name.
func (k Kind) String() string { return kinds[k].name }

// element is the type of an element in PostgreSQL's arrays.
func (k Kind) element() string { return kinds[k].element }

// box seals the fields of one table of one tenant.
type box struct {
	tenant int32
	table  string
	sealer *vault.Sealer
	places [32]byte // key of the hashes that stand for places
}

// place binds a sealed text to its field: a copy elsewhere does not open. The id of a record is a text, so 64 bits of its
// hash stand for it. The hash is keyed for the tenant: who chooses ids cannot look for two that collide.
func (b *box) place(id, field string) vault.AD {
	h := hmac.New(sha256.New, b.places[:])
	h.Write([]byte(strings.Join([]string{b.table, id, field}, "\x00"))) // names of tables and fields hold no NUL
	return vault.AD{Tenant: b.tenant, RID: int64(binary.BigEndian.Uint64(h.Sum(nil))), Use: vault.Other}
}

// column takes the values of a field out of the records. Faults: Invalid for a value that the field cannot hold.
func (f Field) column(b *box, records []store.Record) (any, error) {
	switch f.Kind {
	case Int:
		return plain(f, records, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	case Instant:
		return plain(f, records, parseInstant)
	case Bool:
		return plain(f, records, strconv.ParseBool)
	case Sealed:
		return f.sealed(b, records)
	}
	return plain(f, records, parseText)
}

// plain parses a column. What would not come back as it is, is refused.
func plain[T any](f Field, records []store.Record, parse func(string) (T, error)) ([]db.Null[T], error) {
	out := make([]db.Null[T], len(records))
	for i, r := range records {
		text := r.Values[f.Name]
		if err := f.presence(text); err != nil {
			return nil, err
		}
		if text == nil {
			continue
		}
		v, err := parse(*text)
		if err != nil || f.print(v) != *text {
			return nil, f.refuse()
		}
		out[i] = db.Some(v)
	}
	return out, nil
}

func (f Field) presence(text *string) error {
	if text == nil && !f.Null {
		return fault.New(fault.Invalid, "the field %s is required", f.Name)
	}
	return nil
}

func (f Field) refuse() error {
	return fault.New(fault.Invalid, "the field %s is of the kind %s and cannot hold the value", f.Name, f.Kind)
}

func parseText(s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", strconv.ErrSyntax
	}
	return s, nil
}

func parseInstant(s string) (int64, error) {
	t, err := time.Parse(fhir.InstantFormat, s)
	return t.UnixMicro(), err
}

// print writes a value as records hold it.
func (f Field) print(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		if f.Kind == Instant {
			return time.UnixMicro(v).UTC().Format(fhir.InstantFormat)
		}
		return strconv.FormatInt(v, 10)
	case string:
		return v
	}
	return ""
}

func (f Field) sealed(b *box, records []store.Record) ([][]byte, error) {
	out := make([][]byte, len(records))
	for i, r := range records {
		text := r.Values[f.Name]
		if err := f.presence(text); err != nil {
			return nil, err
		}
		if text == nil {
			continue
		}
		var err error
		if out[i], err = b.sealer.Seal(nil, []byte(*text), b.place(r.ID, f.Name)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// value reads column i of a row.
func (f Field) value(b *box, id string, r db.Row, i int) (*string, error) {
	if r.IsNull(i) {
		return nil, nil
	}
	var text string
	switch f.Kind {
	case Text:
		text = r.Text(i)
	case Int, Instant:
		text = f.print(r.Int64(i))
	case Bool:
		text = f.print(r.Bool(i))
	case Sealed:
		open, err := b.sealer.Open(nil, r.BytesNoCopy(i), b.place(id, f.Name))
		if err != nil {
			return nil, err
		}
		text = string(open)
	}
	return &text, nil
}
