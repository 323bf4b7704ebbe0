package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
)

// page is a page of a list.
type page[T any] struct {
	Total       int  `json:"total"`
	Items       []T  `json:"items"`
	Page        int  `json:"page"`
	PageSize    int  `json:"page_size"`
	HasNext     bool `json:"has_next"`
	HasPrevious bool `json:"has_previous"`
}

const (
	usualSize = 20
	mostSize  = 100
	mostPage  = 1_000_000
)

// paged are the parameters of a list, with others that it takes.
func paged(others ...param) []param {
	return append([]param{{"page", "from 1; default 1"}, {"page_size", "1 to 100; default 20"}}, others...)
}

// paging reads page, page_size, and the parameters that the list takes beside them, each once. Fault: Invalid, which names the parameter.
func (c *call) paging(others ...string) (accounts.Page, url.Values, error) {
	p := accounts.Page{Number: 1, Size: usualSize}
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return p, nil, wrong("", "the parameters of the address cannot be read")
	}
	known := append([]string{"page", "page_size"}, others...)
	for name, list := range values {
		if !slices.Contains(known, name) || len(list) > 1 {
			return p, nil, wrong(name, "there is no such parameter here, or it stands twice; there are: "+strings.Join(known, ", "))
		}
	}
	if err := within(values, "page", mostPage, &p.Number); err != nil {
		return p, nil, err
	}
	return p, values, within(values, "page_size", mostSize, &p.Size)
}

// within reads a number from 1 to most.
func within(values url.Values, name string, most int, into *int) error {
	text := values.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return wrong(name, name+" is a number from 1 to "+strconv.Itoa(most))
	}
	*into = n
	return nil
}

// pageOf is a page of which the items are known.
func pageOf[From, To any](p accounts.Page, total int, list []From, shown func(From) To) page[To] {
	out := page[To]{Total: total, Items: make([]To, 0, len(list)), Page: p.Number, PageSize: p.Size, HasNext: p.Number*p.Size < total, HasPrevious: p.Number > 1}
	for _, x := range list {
		out.Items = append(out.Items, shown(x))
	}
	return out
}

// cut is a page of a list that is there as a whole.
func cut[From, To any](p accounts.Page, all []From, shown func(From) To) page[To] {
	from := min((p.Number-1)*p.Size, len(all))
	return pageOf(p, len(all), all[from:min(from+p.Size, len(all))], shown)
}
