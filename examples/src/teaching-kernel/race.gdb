# Every access to visits, with who made it: source race.gdb, once gdb is attached.
set pagination off
awatch visits
commands
  silent
  printf "CPU %d  visits %3lu  ", $_thread - 1, visits
  info symbol $pc
  continue
end
continue
