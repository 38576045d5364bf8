#!/usr/bin/env bash
# On the machine, in any folder: takes in its parts of text (and the tasks, where they are), in the background unless
# the argument is 'wait'.
here=$(cd "$(dirname "$0")" && pwd)
w=/tmp/w

take() { # NAME: text to ids beside the others
  local in=$w/in-$1
  cd "$in" && xz -d "$1.txt.xz" && cp $w/text/tokenizer.json . &&
    nice python3 $w/prepare.py . > "$w/log/prepare-$1.txt" 2>&1 && mv "$1.npy" $w/text/ && rm -r "$in"
}

[ ! -e "$here/tasks.tar.xz" ] || { mkdir -p $w/tasks && tar -C $w/tasks -xJf "$here/tasks.tar.xz"; }
for f in "$here"/p*.txt.xz; do
  [ -e "$f" ] || continue
  name=$(basename "$f" .txt.xz)
  mkdir -p "$w/in-$name" && cp "$f" "$w/in-$name/"
  export -f take
  export w
  setsid bash -c "take $name" > /dev/null 2>&1 < /dev/null &
done
[ "$1" != wait ] || wait
ls $w/text
