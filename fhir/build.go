package fhir

// Obj builds a JSON object, its members in the order in which they were first set.
type Obj struct {
	names  []string
	values []any
}

// Num is a number's literal, kept digit by digit.
type Num string

// NewObject makes an empty object.
func NewObject() *Obj { return &Obj{} }

// Set gives the member a value: string, Num, bool, int, *Obj, *List, Value or nil (null).
func (o *Obj) Set(name string, value any) *Obj {
	for i, n := range o.names {
		if n == name {
			o.values[i] = value
			return o
		}
	}
	o.names, o.values = append(o.names, name), append(o.values, value)
	return o
}

// Get returns what was Set, nil if nothing was.
func (o *Obj) Get(name string) any {
	for i, n := range o.names {
		if n == name {
			return o.values[i]
		}
	}
	return nil
}

// Len counts the members.
func (o *Obj) Len() int { return len(o.names) }

// Names lists the member names in order; it must not be changed.
func (o *Obj) Names() []string { return o.names }

// List builds a JSON array of the values that Set takes.
type List struct{ Items []any }

// Add appends to the list.
func (l *List) Add(v any) *List {
	l.Items = append(l.Items, v)
	return l
}

// Append appends the object as JSON without white space.
func (o *Obj) Append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, n := range o.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, n), ':')
		dst = appendAny(dst, o.values[i])
	}
	return append(dst, '}')
}

// JSON is the object as JSON.
func (o *Obj) JSON() []byte { return o.Append(nil) }

func (l *List) append(dst []byte) []byte {
	dst = append(dst, '[')
	for i, v := range l.Items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendAny(dst, v)
	}
	return append(dst, ']')
}
