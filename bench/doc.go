// Package bench measures FHIR servers: the same requests to each in turn.
//
// It owns the workloads (create, update, read, search by family, import of
// bundles), the client that drives them and the report. The contenders take turns
// in short slices, so that a slow minute of the machine meets all of them; what is
// reported is the median over the rounds, and the ratio is that of neighbouring
// slices. Package synth makes the data, package raw is the limit.
//
// It promises that an answer with another status than the expected one counts as
// an error, and that the figures say under what they were taken: size, concurrency,
// durability, machine. It never starts or stops a server; app does.
package bench
