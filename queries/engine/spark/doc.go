// Package spark is Apache Spark as an engine of the chain.
//
// A Script takes what the chain asks of an engine and keeps it as a list of statements in Spark SQL. What the chain asks back it answers without Spark:
// the columns of a table are those that DuckDB finds on tables of the same columns without rows. So the list is the same however it reaches
// Spark: as a file for spark-sql, a Databricks task or a notebook, or one by one through Spark Connect.
//
//	dialect.go  values, types and settings in Spark SQL
//	script.go   Script: an engine.Engine that keeps statements
//	plan.go     which tables are written, and which stay views
//	order.go    several statements at a time, each after those that it needs
package spark
