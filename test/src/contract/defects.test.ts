import { backendContract, collectCases } from '@hwbp/testkit';
import test from 'ava';
import { defectiveBackends } from './defects/index.js';

for (const { name, defects, plant } of defectiveBackends) {
  for (const defect of defects) {
    test(`is found: ${name}, ${defect.file}: ${defect.name}`, async (t) => {
      const found = new Set<string>();
      await plant(defect, (subjects) => {
        for (const [variant, createBackend] of Object.entries(subjects)) {
          // Only the cases that must find it: what the others make of it is of no interest.
          const { failed } = collectCases((run) =>
            backendContract({
              test: (title, body) => {
                if (defect.kills.some((id) => title.endsWith(`: ${id}`))) run(title, body);
              },
              name: variant,
              createBackend,
            }),
          );
          for (const id of failed) found.add(id);
        }
      });
      t.deepEqual([...found].toSorted(), [...defect.kills].toSorted());
      t.not(defect.kills.length, 0);
    });
  }
}

test('defects are planted in every backend, each with a name of its own', (t) => {
  const names = defectiveBackends.flatMap(({ name, defects }) =>
    defects.map((one) => [name, one.file, one.name].join()),
  );
  t.is(new Set(names).size, names.length);
  t.true(names.length >= 200);
});
