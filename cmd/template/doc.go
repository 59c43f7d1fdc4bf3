// Package template checks deployment sources for tracking ids and puts the id into an ARM template.
//
// # Data flow
//
//	ARM template -> arm.Read (positions kept) -> deployments with the names they can become -> rules -> []Finding
//	Marketplace zip -> OpenPackage -> the main template and the linked ones, each as above
//	files checked together -> who links to whom -> which are main templates
//	Bicep (source/bicep) -> deployments ; Terraform (source/terraform), by folder and with its modules -> deployments and providers -> rules -> []Finding
//	scripts, settings, programs (source) -> comments blanked -> places that are named after the User-Agent -> values with the constants of the folder -> rules -> []Finding
//	ARM template + id -> Tag -> the same bytes with one resource (and at most one parameter) put in
//
// A deployment's name is an expression more often than not. The evaluator (package arm) follows it through parameters, variables and nested templates
// as far as it goes and keeps what cannot be known as a hole with a greatest length, so a name becomes a set of texts of literal parts
// and holes. The rules look at those texts with the grammar of package token.
//
// The rules stand in the files rule_*.go. Imports run one way: template -> source/bicep, source/terraform -> deployments, source -> arm.
//
// Nothing is executed or fetched; linked templates are read only from the package or with Options.Open. What the rules say, how severe they
// are and what the functions of ARM can return stands in CSV files beside the code that reads them.
package template
