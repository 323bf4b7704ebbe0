package page

import (
	"html/template"
	"strings"
)

// Part is a piece of a page. kind names its template.
type Part interface{ kind() string }

// Text is a paragraph.
type Text struct{ Pieces []piece }

type piece struct {
	Words  string
	Strong bool
}

func (Text) kind() string { return "text" }

// Say is a paragraph in which each %s is one of the words. They stand out, as they come from elsewhere: the name of a person or an
// app.
func Say(text string, words ...string) (t Text) {
	for n, plain := range strings.Split(text, "%s") {
		if n > 0 && n <= len(words) {
			t.Pieces = append(t.Pieces, piece{words[n-1], true})
		}
		t.Pieces = append(t.Pieces, piece{plain, false})
	}
	return t
}

// Plain is a paragraph as it is.
func Plain(text string) Text { return Text{[]piece{{text, false}}} }

// Notice is a message that stands out.
type Notice struct {
	Done bool // it tells of something that has worked
	Text Text
}

func (Notice) kind() string { return "notice" }

// Section is a part of a page with a heading of its own.
type Section struct {
	Title string
	Parts []Part
}

func (Section) kind() string { return "section" }

// Link leads elsewhere. Here: it is the page on which it stands.
type Link struct {
	Text string
	To   template.URL
	Here bool
}

func (Link) kind() string { return "link" }

// Form is sent to us by POST, with its token and what is hidden in it.
type Form struct {
	To      template.URL
	Token   string
	Hidden  []Hidden
	Parts   []Part
	Buttons []Button
}

func (Form) kind() string { return "form" }

// Hidden is what a form sends without showing it.
type Hidden struct{ Name, Value string }

// Button sends a form, with its own name and value if it has some.
type Button struct {
	Text        string
	Name, Value string
	Other       bool   // it is not what the page is for
	Says        string // what it is called where Text is not clear without what stands beside it
}

// Field is one line to fill in.
type Field struct {
	Name, Label string
	Hint        string
	Wrong       string // what is wrong with what was in it
	Doubt       bool   // the message at the head of the page is about it
	Secret      bool   // what is typed is not shown
	Code        bool   // it takes a code, which is no word
	Fill        string // what a browser may fill in (autocomplete of HTML); empty: nothing
	Value       string
	Focus       bool // the cursor stands in it
}

func (Field) kind() string { return "field" }

// Type of the input.
func (f Field) Type() string {
	if f.Secret {
		return "password"
	}
	return "text"
}

// Autocomplete of the input.
func (f Field) Autocomplete() string {
	if f.Fill == "" {
		return "off"
	}
	return f.Fill
}

// Described names what is to be read aloud with the field.
func (f Field) Described() string {
	var ids []string
	if f.Doubt {
		ids = append(ids, "wrong")
	}
	if f.Wrong != "" {
		ids = append(ids, f.Name+"-wrong")
	}
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	return strings.Join(ids, " ")
}

// Choices are several, of which any can be taken.
type Choices struct {
	Name, Legend string
	List         []Choice
}

func (Choices) kind() string { return "choices" }

// Choice is one of them.
type Choice struct {
	Value, Label string
	Taken        bool
}

// List is several of a kind.
type List struct{ Items []Item }

func (List) kind() string { return "list" }

// Item is one of a list.
type Item struct {
	Title string
	Parts []Part
}

// Table has a heading over each column. In a narrow window each row becomes a list.
type Table struct {
	Caption string
	Head    []string
	Rows    []Row
}

func (Table) kind() string { return "table" }

// Row has a cell for each heading.
type Row []Part

// Codes are to be written down.
type Codes struct {
	Label string
	List  []string
}

func (Codes) kind() string { return "codes" }
