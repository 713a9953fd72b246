# Many machines: spark-submit spark.py DOMAINS OUT "check bulk --server 192.0.2.53"
# `cat OUT/part-*` is what one run over DOMAINS prints: every shard keeps its order, and so do the parts.
import sys
from pyspark import SparkContext
SparkContext().textFile(sys.argv[1]).pipe(sys.argv[3], checkCode=True).saveAsTextFile(sys.argv[2])
