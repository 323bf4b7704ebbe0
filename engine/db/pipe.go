package db

// Pipe collects statements that travel to the database together; see Tx.Pipeline and Tx.Last.
type Pipe struct {
	items []item
	ends  []func(error)
	err   error // the first mistake of the caller
}

// item is one queued statement.
type item struct {
	stmt  Text
	args  []any
	cols  []column // of Each and EachQuery
	rows  int      // length of the columns
	scan  func(Row) error
	count *int64
}

// Query queues a statement that yields rows.
func (p *Pipe) Query(stmt Text, args []any, scan func(Row) error) {
	p.items = append(p.items, item{stmt: stmt, args: args, scan: scan})
}

// Exec queues a statement; the number of rows that it changed stands behind the pointer once it has run.
func (p *Pipe) Exec(stmt Text, args ...any) *int64 {
	n := new(int64)
	p.items = append(p.items, item{stmt: stmt, args: args, count: n})
	return n
}

// Each queues a statement over columns; see Tx.Each. The pointer counts the rows changed in all.
func (p *Pipe) Each(stmt Text, cols ...any) *int64 {
	n := new(int64)
	p.each(item{stmt: stmt, count: n}, cols)
	return n
}

// EachQuery queues a look-up over columns; see Tx.EachQuery.
func (p *Pipe) EachQuery(stmt Text, scan func(Row) error, cols ...any) {
	p.each(item{stmt: stmt, scan: scan}, cols)
}

// Fail makes the transaction fail with err: nothing of what is queued is sent. The first error counts.
func (p *Pipe) Fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// AtEnd calls fn once the transaction has ended: with nil if it was committed, otherwise with an error, for which InDoubt
// reports whether the commit is unknown. fn must be quick, and must not use the database.
func (p *Pipe) AtEnd(fn func(error)) { p.ends = append(p.ends, fn) }

func (p *Pipe) each(i item, slices []any) {
	cols, n, err := columnsOf(slices)
	if err != nil {
		p.Fail(err)
		return
	}
	if n == 0 {
		return
	}
	i.cols, i.rows = cols, n
	p.items = append(p.items, i)
}
