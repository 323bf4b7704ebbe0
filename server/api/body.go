package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// read reads the body, which is a JSON object with the members of the struct that into points to, and no others. All that is
// wrong is told at once. Faults: Unsupported, TooLarge, Invalid if it is no JSON, Unprocessable.
func (c *call) read(into any) error {
	media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return fault.New(fault.Unsupported, "the body is JSON: send the header Content-Type: application/json")
	}
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return fault.New(fault.TooLarge, "a body has at most %d bytes here", maxBody)
	}
	if err != nil || !utf8.Valid(text) || !json.Valid(text) {
		return fault.New(fault.Invalid, "the body is no JSON in UTF-8")
	}
	var r reading
	r.value(reflect.ValueOf(into).Elem(), text, "")
	return r.fault()
}

// reading is what was found wrong so far.
type reading struct{ issues []fault.Issue }

func (r *reading) wrong(place, text string) {
	r.issues = append(r.issues, fault.Issue{Code: "value", Text: text, Expression: place})
}

func (r *reading) fault() error {
	if len(r.issues) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Unprocessable, Text: r.issues[0].Text, Issues: r.issues}
}

// value reads a JSON value into a Go value.
func (r *reading) value(v reflect.Value, text json.RawMessage, place string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(v.Elem(), text, place)
	case reflect.Struct:
		r.object(v, text, place)
	case reflect.Slice:
		r.list(v, text, place)
	default:
		if bytes.Equal(text, []byte("null")) || json.Unmarshal(text, v.Addr().Interface()) != nil {
			r.wrong(place, place+" is "+fault.A(typeName(v.Type())))
		}
	}
}

func (r *reading) list(v reflect.Value, text json.RawMessage, place string) {
	var items []json.RawMessage
	if json.Unmarshal(text, &items) != nil || items == nil {
		r.wrong(place, place+" is an array")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		r.value(v.Index(i), item, place+"["+strconv.Itoa(i)+"]")
	}
}

// object reads the members that the struct has, each once.
func (r *reading) object(v reflect.Value, text json.RawMessage, place string) {
	members, err := membersOf(text)
	if err != nil {
		r.wrong(place, "it is an object in JSON whose members stand there once")
		return
	}
	for i := range v.NumField() {
		f := fieldOf(v.Type().Field(i))
		at := strings.TrimPrefix(place+"."+f.name, ".")
		found, there := members[f.name]
		delete(members, f.name)
		if !there {
			if !f.optional {
				r.wrong(at, at+" is missing")
			}
			continue
		}
		before := len(r.issues)
		if r.value(v.Field(i), found, at); len(r.issues) == before {
			r.bounds(f, v.Field(i), at)
		}
	}
	for _, name := range sorted(members) {
		at := strings.TrimPrefix(place+"."+name, ".")
		r.wrong(at, "there is no such member here")
	}
}

func sorted(members map[string]json.RawMessage) (names []string) {
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// membersOf reads the members of an object, as they are spelt. An error: it is none, or one stands there twice.
func membersOf(text json.RawMessage) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("no object"), err)
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, isName := t.(string)
		if _, twice := members[name]; err != nil || !isName || twice {
			return nil, errors.Join(errors.New("a member stands there twice"), err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		members[name] = value
	}
	return members, nil
}

// field is what the tags of a struct's field say: the name in json, and least, most and among of the value.
type field struct {
	name        string
	optional    bool
	least, most int // characters of a text, items of a list; most 0: as many as there is room
	among       []string
	says        string
}

func fieldOf(f reflect.StructField) field {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	out := field{name: name, optional: strings.Contains(options, "omit"), among: strings.Fields(f.Tag.Get("among")), says: f.Tag.Get("says")}
	out.least, _ = strconv.Atoi(f.Tag.Get("least"))
	out.most, _ = strconv.Atoi(f.Tag.Get("most"))
	return out
}

// bounds holds a value to its tags.
func (r *reading) bounds(f field, v reflect.Value, at string) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	n, unit := 0, "characters"
	switch v.Kind() {
	case reflect.String:
		n = utf8.RuneCountInString(v.String())
		if len(f.among) > 0 && !slices.Contains(f.among, v.String()) {
			r.wrong(at, at+" is one of "+strings.Join(f.among, ", "))
		}
	case reflect.Slice:
		n, unit = v.Len(), "items"
	default:
		return
	}
	if n < f.least || f.most > 0 && n > f.most {
		r.wrong(at, at+" has "+between(f.least, f.most)+" "+unit)
	}
}

func between(least, most int) string {
	if most == 0 {
		return "at least " + strconv.Itoa(least)
	}
	return "from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)
}
